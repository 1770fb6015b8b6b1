package rights

import "time"

// Purpose is something the controller may ask consent for, as configured. Texts are by language.
type Purpose struct {
	Key      string
	Title    map[string]string
	Text     map[string]string
	Basis    string // "consent" is the only one that can be given and withdrawn here
	ValidFor int    // months a consent lasts; 0 for until withdrawn
	Version  int    // of the text: a consent is to the words that were shown
	// What it does with data, so that flags stop it: direct marketing, selling or sharing, using what is sensitive beyond need.
	Marketing, Sells, Sensitive bool
}

// Choice is what a person said about a purpose.
type Choice string

// The choices.
const (
	Granted   Choice = "granted"
	Withdrawn Choice = "withdrawn"
)

// ConsentEvent is one line of the consent ledger: append-only, never overwritten (GDPR Art. 7(1): the controller must
// be able to demonstrate it).
type ConsentEvent struct {
	ID       string
	Subject  string
	Purpose  string
	Version  int
	Choice   Choice
	At       time.Time
	Via      string // "portal", later "api", "signal"
	Language string // the language the words were shown in
	TextHash string // SHA-256 of the words shown, hex
	Request  string // the request that carried it
}

// Standing is where a person stands on one purpose now: derived from events, never stored.
type Standing struct {
	Purpose string
	Choice  Choice    // "" when never asked
	Since   time.Time // when the last event took effect
	Until   time.Time // when a grant runs out; zero for never
	Version int       // of the text agreed to
}

// Standings derives where a person stands on each purpose at now, in the order of purposes. Events may come in any order.
func Standings(purposes []Purpose, events []ConsentEvent, now time.Time) []Standing {
	last := make(map[string]ConsentEvent, len(purposes))
	for _, e := range events {
		if was, ok := last[e.Purpose]; !ok || !e.At.Before(was.At) {
			last[e.Purpose] = e
		}
	}
	out := make([]Standing, 0, len(purposes))
	for _, p := range purposes {
		s := Standing{Purpose: p.Key}
		if e, ok := last[p.Key]; ok {
			s.Choice, s.Since, s.Version = e.Choice, e.At, e.Version
			if e.Choice == Granted && p.ValidFor > 0 {
				s.Until = monthsLater(e.At, p.ValidFor)
			}
		}
		out = append(out, s)
	}
	return out
}

// monthsLater keeps the hour and goes to the same-numbered day, or the month's last (as Date.AddMonths).
func monthsLater(t time.Time, n int) time.Time {
	d := DateOf(t).AddMonths(n)
	return time.Date(d.Year, d.Month, d.Day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// Active reports whether the purpose may be pursued at now: granted, not run out, and to the current words.
func (s Standing) Active(p Purpose, now time.Time) bool {
	return s.Choice == Granted && s.Version == p.Version && (s.Until.IsZero() || now.Before(s.Until))
}
