package handlers_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/rights"
	"habeas/workflow"
)

// stream is what a browser hears from the portal.
type stream struct {
	t      *testing.T
	lines  chan string // closed when the stream ends
	status int
	header http.Header
}

// listen opens a stream of events over a real connection, as this browser.
func (b *browser) listen(t *testing.T) *stream {
	t.Helper()
	server := httptest.NewServer(b.site.http)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/staff/events", nil)
	b.site.must(err)
	r.Host = strings.TrimPrefix(base, "http://")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	b.site.must(err)
	s := &stream{t: t, lines: make(chan string), status: answer.StatusCode, header: answer.Header}
	go func() {
		defer answer.Body.Close()
		defer close(s.lines)
		for in := bufio.NewScanner(answer.Body); in.Scan(); {
			select {
			case s.lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return s
}

// says waits for a line.
func (s *stream) says(want string) {
	s.t.Helper()
	for patience := time.After(10 * time.Second); ; {
		select {
		case line, open := <-s.lines:
			if !open {
				s.t.Fatalf("the stream ended before it said %q", want)
			}
			if line == want {
				return
			}
		case <-patience:
			s.t.Fatalf("the stream never said %q", want)
		}
	}
}

// ends waits for the end, before which the page is told not to come again.
func (s *stream) ends() {
	s.t.Helper()
	s.says("event: end")
	for patience := time.After(10 * time.Second); ; {
		select {
		case _, open := <-s.lines:
			if !open {
				return
			}
		case <-patience:
			s.t.Fatal("the stream does not end")
		}
	}
}

// restless makes streams look after their session all the time.
func restless(_ *workflow.Portal, o *handlers.Options) { o.Pulse = 5 * time.Millisecond }

func TestAChangeIsHeardAsItHappens(t *testing.T) {
	s := newPortal(t)
	o, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	hears, reads := o.listen(t), auditor.listen(t)
	if hears.status != http.StatusOK || hears.header.Get("Content-Type") != "text/event-stream" || hears.header.Get("Content-Encoding") != "" ||
		hears.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", hears.status, hears.header)
	}
	hears.says(": listening")
	reads.says(": listening")
	ref := s.customer(marta).ask(rights.Objection, "Stop.")
	for _, one := range []*stream{hears, reads} {
		one.says("event: queue")
		one.says("event: request")
		one.says("data: " + ref)
	}
	o.post("/staff/requests/"+ref+"/assign", "version", "1", "owner", s.id(o.email)).want(t, http.StatusSeeOther)
	reads.says("event: request")
	reads.says("data: " + ref)
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	for _, row := range []struct {
		what string
		do   func(*testing.T, *site, *officer)
	}{
		{"signed out in another tab", func(t *testing.T, _ *site, o *officer) { o.post("/staff/sign-out").wantAt(t, "/staff/login") }},
		{"disabled", func(_ *testing.T, s *site, o *officer) {
			s.must(s.DisableStaff(context.Background(), rights.System, o.email))
		}},
		{"nobody at work for half an hour: to listen is not to work", func(_ *testing.T, s *site, _ *officer) { s.clock.Advance(31 * time.Minute) }},
	} {
		t.Run(row.what, func(t *testing.T) {
			s := newPortal(t, restless)
			o := s.staff(rights.RoleOfficer)
			hears := o.listen(t)
			hears.says(": listening")
			hears.says(": still here")
			row.do(t, s, o)
			hears.ends()
		})
	}
}

func TestAPageThatFollowsKeepsNoSessionAlive(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	follow := func() reply {
		r := httptest.NewRequest(http.MethodGet, base+"/staff/queue?lang=zh-CN", nil)
		r.Header.Set("Habeas-Live", "yes")
		return o.do(r)
	}
	for range 6 {
		s.clock.Advance(4 * time.Minute)
		follow().want(t, http.StatusOK).says(t, "未结请求")
	}
	s.deliver()
	o.get("/staff/queue").says(t, "Open requests") // the language of the page that follows is not the reader's choice
	for range 6 {
		s.clock.Advance(6 * time.Minute)
		if follow().StatusCode == http.StatusSeeOther {
			return
		}
	}
	t.Error("a page that is left open keeps its session for ever")
}

func TestStreamsEndWithThePortal(t *testing.T) {
	done := make(chan struct{})
	s := newPortal(t, func(_ *workflow.Portal, o *handlers.Options) { o.Done = done })
	hears := s.staff(rights.RoleOfficer).listen(t)
	hears.says(": listening")
	close(done)
	hears.ends()
}

func TestOneMemberOfTheTeamHoldsFourStreams(t *testing.T) {
	s := newPortal(t, restless)
	o, other := s.staff(rights.RoleOfficer), s.staff(rights.RoleApprover)
	var held []*stream
	for range 4 {
		one := o.listen(t)
		one.says(": listening")
		held = append(held, one)
	}
	if r := o.get("/staff/events"); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("the fifth is answered %d", r.StatusCode)
	}
	other.listen(t).says(": listening")
	o.post("/staff/sign-out").wantAt(t, "/staff/login")
	for _, one := range held {
		one.ends()
	}
	s.clock.Advance(time.Minute)
	o.again().listen(t).says(": listening")
}

// stopping makes a portal that is about to stop: its streams end as soon as they have begun.
func stopping(_ *workflow.Portal, o *handlers.Options) {
	done := make(chan struct{})
	close(done)
	o.Done = done
}
