// Package workflow is what the portal does: one use case a method, one transaction each, with its audit entry and its
// letters inside that transaction. It is the one place through which personal data is read, so it checks who asks and
// writes down that they did. It knows nothing of HTTP, HTML, or the language a page is shown in.
package workflow

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Config is what the company decides.
type Config struct {
	House      mail.House
	BaseURL    string // without a slash at its end; every mailed link is built from it
	Languages  []string
	Regime     string // of a person who has not said where they live
	Country    string // ISO 3166, whose public holidays the clock of the EU regimes keeps
	Location   *time.Location
	Purposes   []rights.Purpose
	CoolingOff time.Duration // between asking for erasure and acting on it
	Packages   string        // the directory of sealed export packages
	Demo       bool          // made-up people on a loopback address: anybody may sign in as anybody
}

// Portal carries out every use case.
type Portal struct {
	Config
	Store   *store.Store
	Sources *sources.Set
	Now     func() time.Time
	Random  io.Reader
	Log     *slog.Logger

	hashing   sync.Mutex // one password hash at a time: each takes 19 MiB
	builds    progress
	calls     calls
	tokens    tokens
	calendars calendars
	published publication
}

// Limits on acts of one person or address (security.md 2). They live in the database. Those on a mailbox are taken with
// takePlace, which keeps them over every stretch of their time.
var (
	mailsAtOnce     = store.Limit{Burst: 3, Per: 15 * time.Minute}
	mailsADay       = store.Limit{Burst: 10, Per: 24 * time.Hour}
	asksPerNet      = store.Limit{Burst: 30, Per: time.Hour}
	asksInAll       = store.Limit{Burst: 600, Per: 10 * time.Minute}
	triesADay       = store.Limit{Burst: 20, Per: 24 * time.Hour}
	triesPerNet     = store.Limit{Burst: 60, Per: time.Hour}
	datumTries      = store.Limit{Burst: 5, Per: 24 * time.Hour}
	passwordTries   = store.Limit{Burst: 10, Per: 15 * time.Minute}
	totpTries       = store.Limit{Burst: 5, Per: 5 * time.Minute}
	requestsADay    = store.Limit{Burst: 20, Per: 24 * time.Hour}
	messagesADay    = store.Limit{Burst: 30, Per: 24 * time.Hour}
	packagesADay    = store.Limit{Burst: 5, Per: 24 * time.Hour}
	receiptsAnHour  = store.Limit{Burst: 10, Per: time.Hour} // of consent; the choices themselves have no limit
	looksASession   = store.Limit{Burst: 300, Per: 10 * time.Minute}
	searchesADay    = store.Limit{Burst: 50, Per: 24 * time.Hour} // of one member of staff
	passwordsInAll  = store.Limit{Burst: 60, Per: time.Hour}      // at one address, from everywhere
	triesAChallenge = 5
)

// How long things last.
const (
	codeLife      = 10 * time.Minute
	linkLife      = 24 * time.Hour // so that nobody is locked out of their mailbox by somebody else's asking
	stepUpLife    = 10 * time.Minute
	subjectIdle   = 15 * time.Minute
	staffIdle     = 30 * time.Minute
	sessionLife   = 12 * time.Hour
	enrolmentLife = 72 * time.Hour
	packageLife   = 24 * time.Hour
	stopLife      = 7 * 24 * time.Hour
)

// TooMany is a limit that is used up, with the time after which to ask again.
type TooMany struct{ Wait time.Duration }

func (e TooMany) Error() string {
	return fmt.Sprintf("too many attempts: wait %s", e.Wait.Round(time.Second))
}

// Is makes errors.Is(err, rights.ErrTooMany) true.
func (e TooMany) Is(target error) bool { return target == rights.ErrTooMany }

// take uses up one of limit for key, or returns TooMany.
func take(tx *store.Tx, key string, limit store.Limit, now time.Time) error {
	ok, wait, err := tx.Take(key, limit, now)
	if err != nil {
		return err
	}
	if !ok {
		return TooMany{Wait: wait}
	}
	return nil
}

// takePlace uses up one of limit for key, or returns TooMany. Unlike take it holds over every stretch of limit.Per: a
// row that refills while it is being used up lets nearly twice its burst through. Each place is a row of its own, free
// again Per after it was taken.
func takePlace(tx *store.Tx, key string, limit store.Limit, now time.Time) error {
	soonest := limit.Per
	for place := range limit.Burst {
		ok, wait, err := tx.Take(fmt.Sprintf("%s %d", key, place), store.Limit{Burst: 1, Per: limit.Per}, now)
		if err != nil || ok {
			return err
		}
		soonest = min(soonest, wait)
	}
	return TooMany{Wait: soonest}
}

// newID makes an identifier that sorts by the time it was made: 48 bits of milliseconds and 80 of chance, in hex.
func (p *Portal) newID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(p.Now().UnixMilli())<<16)
	p.fill(b[6:])
	return hex.EncodeToString(b[:])
}

// newToken makes n random bytes in a form that fits a link or a cookie.
func (p *Portal) newToken(n int) string {
	b := make([]byte, n)
	p.fill(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func (p *Portal) newRef() string {
	b := make([]byte, 5)
	p.fill(b)
	return rights.NewRef(b)
}

// fill never returns short: without chance nothing here is safe, and crypto/rand does not fail.
func (p *Portal) fill(b []byte) {
	if _, err := io.ReadFull(p.Random, b); err != nil {
		panic("no randomness: " + err.Error())
	}
}

func (p *Portal) today() rights.Date { return rights.DateOf(p.Now().In(p.Location)) }

// entry is an audit entry of now.
func (p *Portal) entry(by rights.Actor, act, subject, request string, facts map[string]string) rights.Entry {
	return rights.Entry{At: p.Now(), Actor: by, Act: act, Subject: subject, Request: request, Facts: facts}
}

// subject returns the person that a subject actor is; anybody else has no such thing.
func (p *Portal) subject(ctx context.Context, by rights.Actor) (store.Subject, error) {
	if by.Role != rights.RoleSubject || by.ID == "" {
		return store.Subject{}, rights.ErrNotFound
	}
	return p.Store.Subject(ctx, by.ID)
}

// Act is what a step-up or an alert is about.
type Act = mail.Act

// The acts that let data out or change it, and looking at values that are masked.
const (
	ActExport  = mail.ActExport
	ActCorrect = mail.ActCorrect
	ActErase   = mail.ActErase
	ActReveal  = mail.ActReveal
)

// Brand returns the house's name in lang.
func (p *Portal) Brand(lang string) string { return p.House.Name[lang] }

// Unavailable reports whether err says that a source or the database cannot be used right now: worth another try.
func Unavailable(err error) bool {
	_, is := FaultOf(err)
	return is
}

// Ready reports whether the portal can serve: its database reads and writes.
func (p *Portal) Ready(ctx context.Context) error { return p.Store.Ping(ctx) }

// regime returns the regime of a person, which the configuration and the forms have checked.
func (p *Portal) regime(id string) (rights.Regime, error) {
	g, ok := rights.RegimeByID(id)
	if !ok {
		return rights.Regime{}, fmt.Errorf("regime %q is not known", id)
	}
	return g, nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, rights.ErrNotFound) {
		return nil
	}
	return err
}
