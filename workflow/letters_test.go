package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"habeas/mail"
	"habeas/rights"
)

// post is a mail server that answers as it is told, and repeats the address in what it says, as servers do.
type post struct {
	mu     sync.Mutex
	answer func(n int) error // to the n-th letter, from 1
	n      int
	got    []string // whom the letters it took were for
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &visit{p: p}, nil }

type visit struct {
	p  *post
	to string
}

func (v *visit) Mail(string, *smtp.MailOptions) error { return nil }
func (v *visit) Reset()                               {}
func (v *visit) Logout() error                        { return nil }

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.p.mu.Lock()
	defer v.p.mu.Unlock()
	v.to = to
	v.p.n++
	return v.p.answer(v.p.n)
}

func (v *visit) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	v.p.mu.Lock()
	defer v.p.mu.Unlock()
	v.p.got = append(v.p.got, v.to)
	return nil
}

func (p *post) taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

func refuses(code int, enhanced smtp.EnhancedCode) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<" + ann + "> Annabel Harker is not here"}
}

// sender is a sender over real SMTP to a server that answers so.
func (h *house) sender(answer func(n int) error) (mail.Sender, *post) {
	h.t.Helper()
	p := &post{answer: answer}
	server := smtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth = "localhost", true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	go func() { _ = server.Serve(listener) }() // until it is closed
	s, err := mail.Open("smtp://"+listener.Addr().String(), "privacy@shop.example", mail.Options{Timeout: 5 * time.Second})
	h.must(err)
	h.t.Cleanup(func() { h.must(errors.Join(s.Close(), server.Close())) })
	return s, p
}

// outbox is where the letters of a request stand: "sent 1", "queued 2".
func (h *house) outbox(r rights.Request) (out []string) {
	h.t.Helper()
	letters, err := h.Store.LettersOf(h.t.Context(), r.ID)
	h.must(err)
	for _, l := range letters {
		out = append(out, fmt.Sprint(l.State, " ", l.Attempts))
		for _, word := range named {
			if strings.Contains(l.Fault, word) {
				h.t.Errorf("a fault names %q: %s", word, l.Fault)
			}
		}
	}
	return out
}

// objection files an objection, which has one letter, the receipt.
func (h *house) objection(by rights.Actor) rights.Request {
	h.t.Helper()
	h.deliver()
	d, err := h.Portal.Request(h.t.Context(), by, h.filed(by))
	h.must(err)
	return d.Request
}

func TestALetterThatCannotLeaveNowLeavesLater(t *testing.T) {
	h := open(t)
	r := h.objection(h.customer(ann))
	s, server := h.sender(func(n int) error {
		if n <= 2 {
			return refuses(451, smtp.EnhancedCode{4, 3, 0})
		}
		return nil
	})
	for _, c := range []struct {
		sentence string
		wait     time.Duration
		had      bool
		want     string
	}{
		{"at first the server is busy", 0, true, "queued 1"},
		{"it is not asked again at once", 29 * time.Second, false, "queued 1"},
		{"after half a minute it is, and still is busy", time.Second, true, "queued 2"},
		{"then the pause is longer", 119 * time.Second, false, "queued 2"},
		{"and then the letter leaves", time.Second, true, "sent 3"},
		{"once", 24 * time.Hour, false, "sent 3"},
	} {
		h.clock.Advance(c.wait)
		had, err := h.SendNext(t.Context(), s)
		if err != nil || had != c.had || h.outbox(r)[0] != c.want {
			t.Errorf("%s: %v, %v, %v", c.sentence, had, err, h.outbox(r))
		}
	}
	if server.taken() != 1 {
		t.Errorf("the server took %d", server.taken())
	}
}

func TestALetterThatIsRefusedForGoodIsParkedAndTheOfficersSeeIt(t *testing.T) {
	for _, c := range []struct {
		sentence string
		answer   error
		tries    int
	}{
		{"at once, where there is no such mailbox", refuses(550, smtp.EnhancedCode{5, 1, 1}), 1},
		{"in the end, where the server never has time", refuses(452, smtp.EnhancedCode{4, 2, 2}), 7},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			by := h.customer(ann)
			r := h.objection(by)
			s, server := h.sender(func(int) error { return c.answer })
			for range 20 {
				_, err := h.SendNext(t.Context(), s)
				h.must(err)
				h.clock.Advance(13 * time.Hour)
			}
			if got := h.outbox(r); got[0] != fmt.Sprint("parked ", c.tries) || server.n != c.tries {
				t.Errorf("it stands at %v, the server was asked %d times", got, server.n)
			}
			f, err := h.Folder(t.Context(), h.officer(rights.RoleOfficer), r.Ref, "en")
			h.must(err)
			if last := f.Events[len(f.Events)-1]; last.Kind != "letter_parked" || !last.Private || f.Letters[0].State != "parked" {
				t.Errorf("the officer sees %+v, %+v", last, f.Letters)
			}
			if d, err := h.Portal.Request(t.Context(), by, r.Ref); err != nil || len(d.Events) != 1 {
				t.Errorf("the person sees %+v, %v", d.Events, err)
			}
			if h.count(by.ID, "letter.parked") != 1 {
				t.Error("the log does not say so")
			}
			h.anonymous(r)
		})
	}
}

// anonymous fails the test if the audit log of a request names a person.
func (h *house) anonymous(r rights.Request) {
	h.t.Helper()
	rows, err := h.Store.EntriesOf(h.t.Context(), r.Subject, nil, 0, 1000)
	h.must(err)
	for _, row := range rows {
		for _, word := range named {
			if strings.Contains(fmt.Sprintf("%+v", row), word) {
				h.t.Errorf("the audit log holds %q: %+v", word, row)
			}
		}
	}
}

// stub is a sender that does what a test says.
type stub func(id string) (string, error)

func (s stub) Send(_ context.Context, id string, _ mail.Letter, _ time.Time) (string, error) {
	return s(id)
}
func (stub) Close() error { return nil }

func TestACrashCostsAnAttemptNeverALetter(t *testing.T) {
	h := open(t)
	r := h.objection(h.customer(ann))
	func() {
		defer func() { _ = recover() }()
		_, _ = h.SendNext(t.Context(), stub(func(string) (string, error) { panic("the process dies") }))
	}()
	if got := h.outbox(r)[0]; got != "sending 1" {
		t.Errorf("after the crash it stands at %s", got)
	}
	h.restart()
	h.clock.Advance(5*time.Minute - time.Second)
	if had, err := h.SendNext(t.Context(), h.mail); had || err != nil {
		t.Errorf("it is sent by two at once: %v", err)
	}
	h.clock.Advance(time.Second)
	if had, err := h.SendNext(t.Context(), h.mail); !had || err != nil || h.outbox(r)[0] != "sent 2" {
		t.Errorf("%v, %v, it stands at %v", had, err, h.outbox(r))
	}
}

func TestManySendersSendEachLetterOnce(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for range 15 {
		h.filed(by)
	}
	var mu sync.Mutex
	sent := map[string]int{}
	slow := stub(func(id string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		sent[id]++
		return "queued as " + id, nil
	})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for had := true; had; {
				var err error
				if had, err = h.SendNext(t.Context(), slow); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if len(sent) != 15 {
		t.Errorf("%d letters of fifteen left", len(sent))
	}
	for id, n := range sent {
		if n != 1 {
			t.Errorf("%s left %d times", id, n)
		}
	}
}

func TestALetterGoesToTheAddressAsTheSourceSpellsIt(t *testing.T) {
	h := open(t)
	h.execute("shop", "UPDATE customers SET email = 'Ann@Example.com' WHERE id = 1")
	asked := h.ask("ANN@example.com")
	in, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, h.code(ann), home)
	h.must(err)
	h.filed(h.actor(in))
	if l := h.letter("Ann@Example.com"); !strings.Contains(l.Text, "HB-") {
		t.Errorf("%s", l.Text)
	}
	if n := len(h.letters(ann)); n != 1 {
		t.Errorf("%d letters went to the address as it was typed; the code alone may", n)
	}
}

func TestNoAuditEntryAndNoMetricNamesAPerson(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.sees(by)
	r, err := h.Correct(t.Context(), by, changed("phone", "+49 30 5550199"), "en")
	h.must(err)
	h.must(h.Consent(t.Context(), by, "newsletter", rights.Granted, "en"))
	h.exported(by)
	h.build()
	for _, subject := range []string{by.ID, ""} {
		rows, err := h.Store.EntriesOf(t.Context(), subject, nil, 0, 10_000)
		h.must(err)
		if len(rows) == 0 {
			t.Error("there is nothing to look at")
		}
		for _, row := range rows {
			for _, word := range append(named, "5550199", r.Ref) {
				if strings.Contains(fmt.Sprintf("%+v", row), word) {
					t.Errorf("the audit log holds %q: %+v", word, row)
				}
			}
		}
	}
}
