package rights

import "time"

// Entry is one line of the audit log: who did what to what, when. It never holds personal data, only IDs, states,
// keys and counts, so that it can be kept, exported and shown.
type Entry struct {
	At      time.Time
	Actor   Actor
	Act     string            // "request.submitted", "data.viewed", "staff.signed_in", …
	Subject string            // subject ID, if the act touches a person
	Request string            // request ID, if the act belongs to one
	Facts   map[string]string // small facts: state, ground, source, collection, count
}
