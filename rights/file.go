package rights

import "time"

// File is a file that came with a request. What is in it is read apart.
type File struct {
	ID      string
	Request string
	Message string // the message, or the task, it came with; "" for none
	Mandate bool   // it shows that somebody may act for the person
	Name    string // cleaned: no path, no control character
	Type    string // "application/pdf", "image/jpeg", "image/png"
	Bytes   int
	SHA256  string // in hex
	At      time.Time
	Actor   Actor
	Private bool // for the team only
}
