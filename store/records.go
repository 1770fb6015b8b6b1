package store

import (
	"time"

	"habeas/rights"
)

// Subject is a person as the portal knows them: a confirmed mailbox and which records of the sources are theirs.
type Subject struct {
	ID      string
	Mailbox string // canonical
	Person  string // sources.Person in its string form
	// Addresses are those on file: the mailbox as the sources spell it, where letters go, then every other, where alerts
	// go too. None: only Mailbox.
	Addresses []string
	Language  string
	Regime    string
	MadeAt    time.Time
	Version   int // how often it was changed: a change to an older copy is refused

	MergedInto string // the subject that an officer found to be the same person, with whom this one is shown; "" for none
}

// Head is the ID under which the person is shown: their own, or that of the subject they were found to be the same as.
func (s Subject) Head() string {
	if s.MergedInto != "" {
		return s.MergedInto
	}
	return s.ID
}

// Challenge is one mailbox code and its link, from asking to use. It holds keyed hashes, never the code.
type Challenge struct {
	ID          string
	Purpose     string // "sign_in" or "step_up"
	Mailbox     string // canonical
	Session     string // for a step-up: the session that asked
	BrowserHash []byte
	CodeHash    []byte
	LinkHash    []byte
	Language    string
	Tries       int
	MadeAt      time.Time
	ExpiresAt   time.Time
	UsedAt      time.Time
}

// Session is one signed-in browser.
type Session struct {
	ID        string
	TokenHash []byte
	Kind      string // "subject" or "staff"
	Subject   string // subject ID; "" while the person behind a shared mailbox is still to be picked
	Staff     string // staff ID
	Mailbox   string // the confirmed mailbox, until Subject is set
	Device    string
	Viewed    string // the request that viewing in this session is tracked as
	MadeAt    time.Time
	SeenAt    time.Time
	StepUpAt  time.Time
	EndsAt    time.Time
	EndedAt   time.Time
}

// Staff is a member of the privacy team.
type Staff struct {
	ID           string
	Email        string // canonical
	Name         string
	Role         rights.Role
	State        string // "invited", "active", "disabled"
	Language     string
	PasswordHash string
	TOTP         string // the secret, base 32
	TOTPStep     int64  // the last time step used
	MadeAt       time.Time
	Version      int // how often it was changed: a change to an older copy is refused
}

// Package is the export package of one request.
type Package struct {
	Request   string
	Number    int    // 0 for the first of its request, then its supplements
	State     string // "queued", "building", "ready", "failed", "expired"
	Done      int
	Total     int
	Bytes     int64
	SHA256    string
	FileKey   string // opens the sealed file
	Missing   string // what could not be read, as JSON; of a supplement to be: what it is to bring
	Attempts  int
	Tries     int // of the attempts, those that found the sources still away
	NextAt    time.Time
	ReadyAt   time.Time
	ExpiresAt time.Time
}
