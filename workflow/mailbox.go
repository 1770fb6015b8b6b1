package workflow

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Visitor is a browser that is not signed in (yet): where it calls from, for limits only, and what it looks like.
type Visitor struct {
	Net      string // the IPv4 address, or the /64 of an IPv6 one
	Device   string // "Firefox on Android"
	Language string
}

// Asked is a code that was asked for. Its two parts go into one cookie; together they bind the code to the browser.
type Asked struct {
	Challenge string
	Browser   string
	Mailbox   string
	State     CodeState
}

// CodeState is what became of a code.
type CodeState string

// The states of a code that this browser asked for. One that was used is gone.
const (
	CodeWaiting CodeState = ""
	CodeExpired CodeState = "expired"
	CodeLocked  CodeState = "locked" // its tries are used up
)

// AskCode queues a letter with a code to an address that somebody typed. Nothing in it depends on whether the address
// is known: no source is asked, every address gets the same letter, and it is queued, never sent while the visitor
// waits (security.md 3). Bad addresses are FieldErrors; used-up limits are TooMany.
func (p *Portal) AskCode(ctx context.Context, address string, v Visitor) (Asked, error) {
	mailbox, err := mail.Canonical(address)
	if err != nil {
		return Asked{}, err
	}
	return p.challenge(ctx, "", mailbox, store.Session{}, "", v)
}

// AskAgain queues a new code for a visitor who asked before from this browser.
func (p *Portal) AskAgain(ctx context.Context, challenge, browser string, v Visitor) (Asked, error) {
	c, err := p.asked(ctx, challenge, browser)
	if err != nil {
		return Asked{}, err
	}
	return p.challenge(ctx, "", c.Mailbox, store.Session{}, browser, v)
}

// Pending returns what was asked for from this browser and what became of it.
func (p *Portal) Pending(ctx context.Context, challenge, browser string) (Asked, error) {
	c, err := p.asked(ctx, challenge, browser)
	if err != nil {
		return Asked{}, err
	}
	asked := Asked{Challenge: c.ID, Browser: browser, Mailbox: c.Mailbox}
	switch {
	case !c.UsedAt.IsZero():
		return Asked{}, rights.ErrGone
	case !p.Now().Before(c.ExpiresAt):
		asked.State = CodeExpired
	case c.Tries >= triesAChallenge:
		asked.State = CodeLocked
	}
	return asked, nil
}

func (p *Portal) asked(ctx context.Context, challenge, browser string) (store.Challenge, error) {
	c, err := p.Store.Challenge(ctx, challenge)
	if err != nil {
		return store.Challenge{}, ignoreWhich(err)
	}
	if c.Purpose != "sign_in" || !p.sameBrowser(c, browser) {
		return store.Challenge{}, rights.ErrGone
	}
	return c, nil
}

// ignoreWhich makes "never was" and "no longer is" the same answer.
func ignoreWhich(err error) error {
	if errors.Is(err, rights.ErrNotFound) {
		return rights.ErrGone
	}
	return err
}

func (p *Portal) sameBrowser(c store.Challenge, browser string) bool {
	return browser != "" && subtle.ConstantTimeCompare(c.BrowserHash, p.Store.Hash("browser", browser)) == 1
}

// challenge makes a code, for an act or (act "") to sign in, and a link, keeps their keyed hashes and queues the letter,
// in one transaction with the limits: a refused ask leaves nothing behind. A step-up has limits of its own, so that
// strangers who ask for codes at the same address cannot use them up.
func (p *Portal) challenge(ctx context.Context, act Act, mailbox string, s store.Session, browser string, v Visitor) (Asked, error) {
	purpose := "sign_in"
	if act != "" {
		purpose = "step_up"
	}
	if browser == "" {
		browser = p.newToken(32)
	}
	code, err := p.newCode()
	if err != nil {
		return Asked{}, err
	}
	now, link := p.Now(), p.newToken(16) // 128 bits
	c := store.Challenge{
		ID: p.newID(), Purpose: purpose, Mailbox: mailbox, Session: s.ID, Language: v.Language,
		BrowserHash: p.Store.Hash("browser", browser), LinkHash: p.Store.Hash("link", link),
		MadeAt: now, ExpiresAt: now.Add(codeLife),
	}
	c.CodeHash = p.Store.Hash("code", c.ID+" "+code)
	var message mail.Message = mail.SignInCode{Code: code, Token: link, Minutes: int(codeLife.Minutes())}
	holds := now.Add(linkLife) // a letter that leaves late still brings its link
	if act != "" {
		holds = c.ExpiresAt
		message = mail.StepUpCode{Code: code, Act: act, Minutes: int(codeLife.Minutes())}
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if act == "" {
			if err := take(tx, "ask net "+v.Net, asksPerNet, now); err != nil {
				return err
			}
			if err := take(tx, "ask all", asksInAll, now); err != nil {
				return err
			}
		}
		if err := takePlace(tx, "mail soon "+whose(c, s.Subject), mailsAtOnce, now); err != nil {
			return err
		}
		if err := takePlace(tx, "mail day "+whose(c, s.Subject), mailsADay, now); err != nil {
			return err
		}
		if err := tx.CloseChallenges(mailbox, c.BrowserHash, now); err != nil {
			return err
		}
		by := rights.Actor{Role: rights.RoleSubject, ID: s.Subject, Session: s.ID}
		if err := tx.InsertChallenge(c, p.entry(by, "code.asked", s.Subject, "", map[string]string{"purpose": purpose})); err != nil {
			return err
		}
		return p.enqueue(tx, outgoing{to: mailbox, language: v.Language, dedupe: "code " + c.ID, fleeting: true, expires: holds, message: message})
	})
	return Asked{Challenge: c.ID, Browser: browser, Mailbox: mailbox}, err
}

// whose limits a challenge counts against: anybody's asks and guesses at an address, or those of a signed-in person.
func whose(c store.Challenge, subject string) string {
	if c.Purpose == "step_up" {
		return "step-up " + subject
	}
	return c.Mailbox
}

// newCode makes an eight-digit code: HOTP (RFC 4226) over a secret that lives for this one call.
func (p *Portal) newCode() (string, error) {
	secret := make([]byte, 20)
	p.fill(secret)
	return hotp.GenerateCodeCustom(base32.StdEncoding.EncodeToString(secret), 1, hotp.ValidateOpts{Digits: 8, Algorithm: otp.AlgorithmSHA256})
}

// readCode takes a code as people type it: with spaces or hyphens, in full-width digits.
func readCode(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), unicode.Is(unicode.Cf, r):
		default:
			return "", false
		}
	}
	return b.String(), b.Len() == 8
}

// Enter signs a browser in with the code it asked for. Wrong codes are FieldErrors that say how many tries are left;
// an expired, used or foreign challenge is ErrGone.
func (p *Portal) Enter(ctx context.Context, challenge, browser, typed string, v Visitor) (SignedIn, error) {
	code, ok := readCode(typed)
	if !ok {
		return SignedIn{}, rights.Fault("code", "verify.error.format", nil)
	}
	c, err := p.asked(ctx, challenge, browser)
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = p.evaluate(ctx, c, "", code, v.Net, func(tx *store.Tx, now time.Time) error {
		in, err = p.open(tx, c.Mailbox, v, now, now)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return p.identify(ctx, in)
}

// evaluate compares a code with its challenge in one transaction: the counters go up before the comparison and stay up
// whatever it says, and only a right code runs then. Limits of the address hold over all challenges and networks.
func (p *Portal) evaluate(ctx context.Context, c store.Challenge, subject, code, net string, then func(*store.Tx, time.Time) error) error {
	var refused error // what the visitor is told while the transaction, with its counters, is kept
	now := p.Now()
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		refused = nil
		if err := take(tx, "try net "+net, triesPerNet, now); err != nil {
			return err
		}
		if err := takePlace(tx, "try "+whose(c, subject), triesADay, now); err != nil {
			return err
		}
		tried, err := tx.TryChallenge(c.ID, now, triesAChallenge)
		switch {
		case errors.Is(err, rights.ErrTooMany):
			refused = rights.Fault("code", "verify.error.locked", nil)
			return nil
		case err != nil:
			return err
		}
		by := rights.Actor{Role: rights.RoleSubject, Session: c.Session}
		if subtle.ConstantTimeCompare(tried.CodeHash, p.Store.Hash("code", c.ID+" "+code)) != 1 {
			left := triesAChallenge - tried.Tries
			refused = rights.Fault("code", "verify.error.wrong", map[string]any{"Count": left})
			if left == 0 {
				refused = rights.Fault("code", "verify.error.locked", nil)
			}
			return tx.Append(p.entry(by, "code.wrong", "", "", map[string]string{"purpose": c.Purpose}))
		}
		if err := tx.UseChallenge(c.ID, now, p.entry(by, "code.used", "", "", map[string]string{"purpose": c.Purpose})); err != nil {
			return err
		}
		return then(tx, now)
	})
	if err != nil {
		return err
	}
	return refused
}

// Link tells whether the link of a letter can still be used; asking uses up nothing, because mail scanners ask too.
func (p *Portal) Link(ctx context.Context, token string) error {
	c, err := p.Store.ChallengeByLink(ctx, p.Store.Hash("link", token))
	if err != nil {
		return ignoreWhich(err)
	}
	if !c.UsedAt.IsZero() || !p.Now().Before(c.MadeAt.Add(linkLife)) || c.Purpose != "sign_in" {
		return rights.ErrGone
	}
	return nil
}

// EnterByLink signs a browser in, any browser, with the link of the letter: whoever floods an address with asks or wrong
// codes cannot keep its owner out, because the link of any of those letters lets them in, once, for a day.
func (p *Portal) EnterByLink(ctx context.Context, token string, v Visitor) (SignedIn, error) {
	c, err := p.Store.ChallengeByLink(ctx, p.Store.Hash("link", token))
	if err != nil {
		return SignedIn{}, ignoreWhich(err)
	}
	if c.Purpose != "sign_in" {
		return SignedIn{}, rights.ErrGone
	}
	now := p.Now()
	var in SignedIn
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if !now.Before(c.MadeAt.Add(linkLife)) {
			return rights.ErrGone
		}
		by := rights.Actor{Role: rights.RoleSubject}
		if err := tx.UseChallenge(c.ID, now, p.entry(by, "link.used", "", "", nil)); err != nil {
			return err
		}
		in, err = p.open(tx, c.Mailbox, v, now, c.MadeAt) // the proof is as old as the letter
		return err
	})
	if errors.Is(err, rights.ErrConflict) {
		return SignedIn{}, rights.ErrGone
	}
	if err != nil {
		return SignedIn{}, err
	}
	return p.identify(ctx, in)
}

// AskStepUp queues a code that proves, before an act that lets data out or changes it, that the person at the browser
// still reads the mailbox.
func (p *Portal) AskStepUp(ctx context.Context, by rights.Actor, act Act, v Visitor) (Asked, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return Asked{}, err
	}
	return p.challenge(ctx, act, s.Mailbox, store.Session{ID: by.Session, Subject: by.ID}, "", v)
}

// StepUp takes the code of AskStepUp and gives the session a new token and ten fresh minutes.
func (p *Portal) StepUp(ctx context.Context, by rights.Actor, challenge, browser, typed string, v Visitor) (SignedIn, error) {
	code, ok := readCode(typed)
	if !ok {
		return SignedIn{}, rights.Fault("code", "verify.error.format", nil)
	}
	c, err := p.Store.Challenge(ctx, challenge)
	if err != nil {
		return SignedIn{}, ignoreWhich(err)
	}
	if c.Purpose != "step_up" || c.Session != by.Session || !p.sameBrowser(c, browser) {
		return SignedIn{}, rights.ErrGone
	}
	var in SignedIn
	err = p.evaluate(ctx, c, by.ID, code, v.Net, func(tx *store.Tx, now time.Time) error {
		s, err := tx.Session(ctx, by.Session)
		if err != nil {
			return err
		}
		in = SignedIn{Token: p.newToken(32), Session: s}
		in.Session.TokenHash, in.Session.StepUpAt, in.Session.SeenAt = p.Store.Hash("session", in.Token), now, now
		if err := tx.UpdateSession(in.Session); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "session.stepped_up", by.ID, "", nil))
	})
	return in, err
}

// MaskMailbox is a mailbox as a page may show it to somebody who is not (freshly) signed in.
func (p *Portal) MaskMailbox(mailbox string) string { return rights.Mask("email", mailbox) }
