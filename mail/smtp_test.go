package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

var sentAt = time.Date(2026, 1, 31, 14, 5, 0, 0, time.FixedZone("", 3600))

func sample(t *testing.T) Letter {
	t.Helper()
	l, err := Compose(harbour, "zh-CN", reader, TeamMessage{Ref: "HB-7Q4K-9TXM"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func refusal(code int, enhanced smtp.EnhancedCode) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<" + reader + "> lena.vogel is not welcome"}
}

func TestLettersShareOneConnection(t *testing.T) {
	p := startPost(t, nil)
	s := p.sender(t, "", Options{})
	for i := range 5 {
		queue, err := s.Send(t.Context(), fmt.Sprint("letter-", i), sample(t), sentAt)
		if err != nil || queue != "4QzX1" {
			t.Fatalf("queue id %q, %v", queue, err)
		}
	}
	if n := len(p.received()); n != 5 || p.connections() != 1 {
		t.Errorf("%d letters over %d connections", n, p.connections())
	}
	if got := p.received()[0]; got.from != "privacy@harbour.example" || strings.Join(got.to, " ") != reader || got.utf8 {
		t.Errorf("from %q to %q, SMTPUTF8 %v", got.from, got.to, got.utf8)
	}
}

func TestSenderIsSafeForConcurrentUse(t *testing.T) {
	p := startPost(t, nil)
	s := p.sender(t, "", Options{})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := s.Send(t.Context(), fmt.Sprint("letter-", i), sample(t), sentAt); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(p.received()); n != 20 || p.connections() != 1 {
		t.Errorf("%d letters over %d connections", n, p.connections())
	}
}

func TestAnIdleConnectionIsNotTrusted(t *testing.T) {
	p := startPost(t, nil)
	now := sentAt
	s := p.sender(t, "", Options{Now: func() time.Time { return now }})
	for i, wait := range []time.Duration{0, 29 * time.Second, 31 * time.Second} {
		now = now.Add(wait)
		if _, err := s.Send(t.Context(), fmt.Sprint("letter-", i), sample(t), sentAt); err != nil {
			t.Fatal(err)
		}
	}
	if p.connections() != 2 {
		t.Errorf("%d connections; the one idle for 31 s had to be replaced, the one idle for 29 s kept", p.connections())
	}
}

func TestAConnectionThatTheServerEndedIsReplaced(t *testing.T) {
	p := startPost(t, nil)
	s := p.sender(t, "", Options{})
	for i := range 2 {
		if _, err := s.Send(t.Context(), fmt.Sprint("letter-", i), sample(t), sentAt); err != nil {
			t.Fatal(err)
		}
		p.cut()
	}
	if n := len(p.received()); n != 2 || p.connections() != 2 {
		t.Errorf("%d letters over %d connections", n, p.connections())
	}
}

func TestRefusalsAreClassifiedAndNameNobody(t *testing.T) {
	for _, c := range []struct {
		sentence  string
		set       func(*post)
		code      int
		permanent bool
		kept      bool // the connection is in order afterwards
	}{
		{"an unknown mailbox is permanent", func(p *post) {
			p.onRcpt = func(string) error { return refusal(550, smtp.EnhancedCode{5, 1, 1}) }
		}, 550, true, true},
		{"a full mailbox is temporary", func(p *post) {
			p.onRcpt = func(string) error { return refusal(452, smtp.EnhancedCode{4, 2, 2}) }
		}, 452, false, true},
		{"a letter refused after reading it is permanent", func(p *post) {
			p.onData = func(_ *smtp.Conn, r io.Reader) error { return refusal(554, smtp.EnhancedCode{5, 7, 1}) }
		}, 554, true, true},
		{"a server short of space is temporary", func(p *post) {
			p.onData = func(_ *smtp.Conn, r io.Reader) error { return refusal(451, smtp.EnhancedCode{4, 3, 0}) }
		}, 451, false, true},
		{"a refused sender is our configuration, not this letter", func(p *post) {
			p.onMail = func(string) error { return refusal(550, smtp.EnhancedCode{5, 7, 1}) }
		}, 550, false, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			p := startPost(t, nil)
			c.set(p)
			s := p.sender(t, "", Options{})
			_, err := s.Send(t.Context(), "letter", sample(t), sentAt)
			if err == nil || Permanent(err) != c.permanent {
				t.Fatalf("permanent %v: %v", Permanent(err), err)
			}
			if !strings.Contains(err.Error(), fmt.Sprint(c.code)) {
				t.Errorf("%v lacks the code %d", err, c.code)
			}
			if strings.Contains(err.Error(), "lena") || strings.Contains(err.Error(), "welcome") {
				t.Errorf("%v repeats the server's words", err)
			}
			p.onMail, p.onRcpt, p.onData = nil, nil, nil
			if _, err := s.Send(t.Context(), "next", sample(t), sentAt); err != nil {
				t.Errorf("the next letter suffers: %v", err)
			}
			if kept := p.connections() == 1; kept != c.kept {
				t.Errorf("%d connections", p.connections())
			}
		})
	}
}

// breaking drops the connection in the middle of the first letters that it is offered.
func breaking(times int, after int64) func(c *smtp.Conn, r io.Reader) error {
	return func(c *smtp.Conn, r io.Reader) error {
		if times--; times < 0 {
			return nil
		}
		_, _ = io.CopyN(io.Discard, r, after)
		return c.Conn().Close()
	}
}

func TestABreakInTheMiddleOfALetterIsTriedOnceMore(t *testing.T) {
	for _, c := range []struct {
		sentence string
		breaks   int
		arrive   int
	}{{"once", 1, 1}, {"again", 2, 0}} {
		t.Run(c.sentence, func(t *testing.T) {
			p := startPost(t, nil)
			p.onData = breaking(c.breaks, 1000)
			big := sample(t)
			big.Text = strings.Repeat("more than the buffers of the wire hold, so that the end cannot have been sent\n", 1<<14)
			_, err := p.sender(t, "", Options{}).Send(t.Context(), "letter", big, sentAt)
			if (err == nil) != (c.arrive == 1) || Permanent(err) {
				t.Errorf("permanent %v: %v", Permanent(err), err)
			}
			if len(p.received()) != c.arrive || p.connections() != 2 {
				t.Errorf("%d letters over %d connections", len(p.received()), p.connections())
			}
		})
	}
}

func TestABreakAfterTheLetterIsLeftToTheOutbox(t *testing.T) {
	p := startPost(t, nil)
	p.onData = breaking(1, 1<<20) // more than there is: the whole letter was read, the answer is lost
	s := p.sender(t, "", Options{})
	_, err := s.Send(t.Context(), "letter", sample(t), sentAt)
	if err == nil || Permanent(err) || p.connections() != 1 {
		t.Fatalf("over %d connections: %v", p.connections(), err)
	}
	if _, err := s.Send(t.Context(), "letter", sample(t), sentAt); err != nil || p.connections() != 2 {
		t.Errorf("the outbox's next attempt, over %d connections: %v", p.connections(), err)
	}
}

func TestASlowServerIsLeftInTime(t *testing.T) {
	p := startPost(t, nil)
	release := make(chan struct{})
	p.onRcpt = func(string) error { <-release; return nil }
	s := p.sender(t, "", Options{Timeout: 200 * time.Millisecond})
	_, err := s.Send(t.Context(), "letter", sample(t), sentAt)
	close(release)
	if err == nil || Permanent(err) || !strings.Contains(err.Error(), "too long") {
		t.Errorf("permanent %v: %v", Permanent(err), err)
	}
	if p.connections() != 1 {
		t.Error("waited twice")
	}
}

func TestStoppingDoesNotWaitForTheServer(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mute.Close() }()
	s, err := Open("smtp://"+mute.Addr().String(), "privacy@harbour.example", Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := s.Send(ctx, "letter", sample(t), sentAt)
		result <- err
	}()
	conn, err := mute.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	stop()
	select {
	case err := <-result:
		if err == nil || Permanent(err) {
			t.Errorf("permanent %v: %v", Permanent(err), err)
		}
	case <-time.After(10 * time.Second):
		t.Error("still waiting for a mute server")
	}
}

func TestNoServerIsTemporary(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	s, err := Open("smtp://"+l.Addr().String(), "privacy@harbour.example", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), "letter", sample(t), sentAt); err == nil || Permanent(err) {
		t.Errorf("permanent %v: %v", Permanent(err), err)
	}
}

func TestEncryptionIsNotOptional(t *testing.T) {
	cert, roots := authority(t)
	for _, c := range []struct {
		sentence string
		url      string
		set      func(*smtp.Server)
		opt      Options
		arrives  bool
	}{
		{"another machine without STARTTLS gets nothing", "smtp://mail.post.example", nil, Options{Roots: roots}, false},
		{"a certificate of a known authority is trusted", "smtp://mail.post.example", offering(cert), Options{Roots: roots}, true},
		{"one of an unknown authority is not", "smtp://mail.post.example", offering(cert), Options{}, false},
		{"nor one of another name", "smtp://mail.other.example", offering(cert), Options{Roots: roots}, false},
		{"this machine needs none", "smtp://127.0.0.1:2525", nil, Options{}, true},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			p := startPost(t, c.set)
			_, err := p.sender(t, c.url, c.opt).Send(t.Context(), "letter", sample(t), sentAt)
			if (err == nil) != c.arrives || Permanent(err) || (len(p.received()) == 1) != c.arrives {
				t.Errorf("%d letters, permanent %v: %v", len(p.received()), Permanent(err), err)
			}
		})
	}
}

func offering(cert tls.Certificate) func(*smtp.Server) {
	return func(s *smtp.Server) { s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}} }
}

func TestTLSFromTheFirstByte(t *testing.T) {
	cert, roots := authority(t)
	p := &post{}
	server := smtp.NewServer(p)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	go func() { _ = server.Serve(&counting{l, p}) }()
	defer func() { _ = server.Close() }()
	s := p.sender(t, "smtps://mail.post.example", Options{Roots: roots})
	for range 2 {
		if _, err := s.Send(t.Context(), "letter", sample(t), sentAt); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.received()) != 2 || p.connections() != 1 {
		t.Errorf("%d letters over %d connections", len(p.received()), p.connections())
	}
}

func TestAddressesOutsideASCIINeedTheServersConsent(t *testing.T) {
	for _, c := range []struct {
		sentence     string
		to           string
		server, used bool
		permanent    bool
	}{
		{"a server that takes them", "用户@例子.中国", true, true, false},
		{"a server that does not: refused for good", "用户@例子.中国", false, false, true},
		{"only the domain is outside ASCII: every server", "lena@例子.中国", false, false, false},
		{"a plain address never asks for it", reader, true, false, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			p := startPost(t, func(s *smtp.Server) { s.EnableSMTPUTF8 = c.server })
			l := sample(t)
			l.To = c.to
			_, err := p.sender(t, "", Options{}).Send(t.Context(), "letter", l, sentAt)
			if Permanent(err) != c.permanent || (err != nil) != c.permanent {
				t.Fatalf("permanent %v: %v", Permanent(err), err)
			}
			if err != nil && strings.Contains(err.Error(), "用户") {
				t.Errorf("%v names the reader", err)
			}
			if got := p.received(); err == nil && (len(got) != 1 || got[0].utf8 != c.used) {
				t.Errorf("SMTPUTF8: %+v", got)
			}
		})
	}
}

func TestNoAddressAddsARecipient(t *testing.T) {
	p := startPost(t, func(s *smtp.Server) { s.EnableSMTPUTF8 = true })
	s := p.sender(t, "", Options{})
	for _, to := range []string{
		"lena@post.example,eve@evil.example", `"lena@post.example,eve"@evil.example`, `"x>, <eve@evil.example"@post.example`,
		"lena@post.example\r\nRCPT TO:<eve@evil.example>", "lena@post.example> NOTIFY=SUCCESS", "Lena <lena@post.example>",
		"lena(eve@evil.example)@post.example", "@evil.example:lena@post.example", "lena@post.example\x00", "lena", "",
	} {
		l := sample(t)
		l.To = to
		_, err := s.Send(t.Context(), "letter", l, sentAt)
		if !Permanent(err) {
			t.Errorf("%q: %v", to, err)
		}
		if err != nil && (strings.Contains(err.Error(), "eve") || strings.Contains(err.Error(), "lena")) {
			t.Errorf("%v names somebody", err)
		}
	}
	l := sample(t)
	l.To = "Lena.Vogel@Bücher.Example" // as a source spells it
	if _, err := s.Send(t.Context(), "letter", l, sentAt); err != nil {
		t.Fatal(err)
	}
	got := p.received()
	if len(got) != 1 || strings.Join(got[0].to, " ") != "Lena.Vogel@xn--bcher-kva.example" {
		t.Errorf("delivered %+v", got)
	}
}

// signIn plays a server that asks for a name and a password, which go-smtp's server does only through another library.
func signIn(t *testing.T, answer string) (address string, said func() string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	heard := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprint(conn, "220 mail.post.example\r\n")
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			switch line := lines.Text(); {
			case strings.HasPrefix(line, "EHLO"):
				_, _ = fmt.Fprint(conn, "250-mail.post.example\r\n250 AUTH PLAIN LOGIN\r\n")
			case strings.HasPrefix(line, "AUTH"):
				heard <- line
				_, _ = fmt.Fprint(conn, answer+"\r\n")
			default:
				_, _ = fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	return l.Addr().String(), func() string { return <-heard }
}

func TestSigningInToTheServer(t *testing.T) {
	address, said := signIn(t, "535 5.7.8 no entry for desk@harbour.example")
	s, err := Open("smtp://desk%40harbour.example@"+address, "privacy@harbour.example", Options{Password: "pass word"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Send(t.Context(), "letter", sample(t), sentAt)
	if err == nil || Permanent(err) || !strings.Contains(err.Error(), "535") || strings.Contains(err.Error(), "desk") {
		t.Errorf("permanent %v: %v", Permanent(err), err)
	}
	want := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00desk@harbour.example\x00pass word"))
	if got := said(); got != want {
		t.Errorf("said %q", got)
	}
}

func TestOpenRefusesWhatItCannotKeep(t *testing.T) {
	for _, c := range []struct{ sentence, url, from string }{
		{"no URL", "", "privacy@harbour.example"},
		{"another scheme", "http://mail.post.example", "privacy@harbour.example"},
		{"no host", "smtp://", "privacy@harbour.example"},
		{"a password in the URL", "smtp://desk:s3cret@mail.post.example", "privacy@harbour.example"},
		{"a user without a password", "smtp://desk@mail.post.example", "privacy@harbour.example"},
		{"a port that is none", "smtp://mail.post.example:99999", "privacy@harbour.example"},
		{"a spool without a directory", "spool:", "privacy@harbour.example"},
		{"no sender", "smtp://mail.post.example", ""},
		{"two senders", "smtp://mail.post.example", "a@harbour.example, b@harbour.example"},
	} {
		if _, err := Open(c.url, c.from, Options{}); err == nil {
			t.Errorf("opened with %s", c.sentence)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v tells the password", err)
		}
	}
}

func TestRetryWaitsLongerEachTimeAndThenParks(t *testing.T) {
	for i, want := range []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour} {
		if got, again := Retry(i + 1); got != want || !again {
			t.Errorf("after %d attempts: %v, %v", i+1, got, again)
		}
	}
	if _, again := Retry(7); again {
		t.Error("never parks")
	}
}

func TestQueueIDsAreFoundAndAddressesNot(t *testing.T) {
	for response, want := range map[string]string{
		"2.0.0 Ok: queued as 4QzX1":                         "4QzX1",
		"OK id=1tABCd-0001Xy-2Z":                            "1tABCd-0001Xy-2Z",
		"2.0.0 x0V9 Message accepted for delivery":          "2.0.0 x0V9 Message accepted for delivery",
		"2.1.5 <lena.vogel@post.example> accepted as 77":    "2.1.5 accepted as 77",
		"2.6.0 <letter@privacy.harbour.example> InternalId": "2.6.0 InternalId",
		"": "",
	} {
		if got := queued(response); got != want {
			t.Errorf("%q: %q", response, got)
		}
	}
}
