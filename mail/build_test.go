package mail

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"habeas/locale"
)

// opened reads a message as a mail program does: headers, text, HTML.
func opened(t *testing.T, raw []byte) (netmail.Header, string, string) {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("is a %s, %v", kind, err)
	}
	var bodies []string
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := parts.NextPart() // decodes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want || params["charset"] != "UTF-8" {
			t.Errorf("a part is %s in %s, %v", kind, params["charset"], err)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("there is a third part: %v", err)
	}
	return msg.Header, bodies[0], bodies[1]
}

func raw(t *testing.T, l Letter) []byte {
	t.Helper()
	msg, err := Build(l, "Desk <privacy@harbour.example>", "letter-1@privacy.harbour.example", sentAt)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMessagesReadBackAsTheyWereComposed(t *testing.T) {
	eachLetter(t, func(t *testing.T, l Letter, m Message) {
		head, text, html := opened(t, raw(t, l))
		if text != l.Text || html != l.HTML {
			t.Error("the bodies changed on the way")
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(head.Get("Subject"))
		if err != nil || subject != l.Subject {
			t.Errorf("subject %q, %v", subject, err)
		}
		from, err := head.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Address != "privacy@harbour.example" || from[0].Name != harbour.name(l.Language) {
			t.Errorf("from %v, %v", from, err)
		}
		for name, want := range map[string]string{
			"To":               "<" + reader + ">",
			"Reply-To":         "<privacy@harbour.example>",
			"Date":             "Sat, 31 Jan 2026 14:05:00 +0100",
			"Message-Id":       "<letter-1@privacy.harbour.example>",
			"Auto-Submitted":   "auto-generated",
			"Content-Language": l.Language,
			"Mime-Version":     "1.0",
		} {
			if got := head.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
}

func TestMessagesTellNothingOfTheMachine(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	message := raw(t, sample(t))
	head, _, _ := opened(t, message)
	allowed := []string{
		"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To",
	}
	for name := range head {
		if !slices.Contains(allowed, name) {
			t.Errorf("has a header %s", name)
		}
	}
	if bytes.Contains(message, []byte("@"+host)) || bytes.Contains(bytes.ToLower(message), []byte("go-mail")) {
		t.Error("names the machine or the library")
	}
	for _, line := range bytes.Split(message, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 || r == '\n' || r == '\r' }) {
			t.Errorf("a line that SMTP cannot carry: %q", line)
		}
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	for sentence, spoil := range map[string]func(*Letter){
		"the subject":       func(l *Letter) { l.Subject += "\r\nBcc: eve@evil.example" },
		"a lone line feed":  func(l *Letter) { l.Subject += "\nBcc: eve@evil.example" },
		"the sender's name": func(l *Letter) { l.FromName += "\r\nBcc: eve@evil.example" },
		"reply-to":          func(l *Letter) { l.ReplyTo += "\r\nBcc: eve@evil.example" },
		"the language":      func(l *Letter) { l.Language += "\r\nBcc: eve@evil.example" },
		"the recipient":     func(l *Letter) { l.To += "\r\nBcc: eve@evil.example" },
		"a NUL":             func(l *Letter) { l.Subject += "\x00" },
	} {
		l := sample(t)
		spoil(&l)
		if _, err := Build(l, "privacy@harbour.example", "a@b.example", sentAt); !Permanent(err) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := Build(sample(t), "privacy@harbour.example", "a@b.example>\r\nBcc: eve@evil.example", sentAt); err == nil {
		t.Error("built with a header in the message id")
	}
}

func TestAPrivacyContactThatIsNoMailboxIsNoReplyTo(t *testing.T) {
	l := sample(t)
	l.ReplyTo = "https://harbour.example/contact"
	head, _, _ := opened(t, raw(t, l))
	if head.Get("Reply-To") != "" {
		t.Errorf("replies go to %q", head.Get("Reply-To"))
	}
}

func TestSpoolKeepsOneFileALetter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	s, err := Open("spool:"+dir, "privacy@harbour.example", Options{Host: "privacy.harbour.example"})
	if err != nil {
		t.Fatal(err)
	}
	l := sample(t)
	for range 2 { // a repeated attempt is the same letter
		if name, err := s.Send(t.Context(), "letter-1", l, sentAt); err != nil || name != "letter-1.eml" {
			t.Fatalf("%q, %v", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	info, err := files[0].Info()
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	message, err := os.ReadFile(filepath.Join(dir, "letter-1.eml"))
	if err != nil {
		t.Fatal(err)
	}
	if head, text, _ := opened(t, message); text != l.Text || head.Get("Message-Id") != "<letter-1@privacy.harbour.example>" {
		t.Error("the file is not the letter")
	}
	for _, id := range []string{"", "../letter", "a/b", ".hidden", "a b", "a\r\nb", strings.Repeat("a", 101)} {
		if _, err := s.Send(t.Context(), id, l, sentAt); err == nil {
			t.Errorf("spooled under the name %q", id)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), "letter-2", l, sentAt); err == nil || Permanent(err) || strings.Contains(err.Error(), "lena") {
		t.Errorf("a lost directory is temporary: %v", err)
	}
}

func TestCaptureKeepsTheNewest(t *testing.T) {
	c := NewCapture("privacy@harbour.example", "privacy.harbour.example")
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 130 {
				if _, err := c.Send(t.Context(), fmt.Sprintf("early-%d-%d", i, j), sample(t), sentAt); err != nil {
					t.Error(err)
				}
				_ = c.All()
			}
		})
	}
	all.Wait()
	l, err := Compose(harbour, locale.English, reader, SignInCode{Code: "12345678", Token: "t", Minutes: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), "last", l, sentAt); err != nil {
		t.Fatal(err)
	}
	kept := c.All()
	if len(kept) != 500 || kept[0].ID != "last" {
		t.Fatalf("%d letters, the first is %s", len(kept), kept[0].ID)
	}
	got := kept[0]
	if got.To != reader || got.Subject != l.Subject || got.Text != l.Text || got.HTML != l.HTML || !got.At.Equal(sentAt) {
		t.Errorf("kept %+v", got)
	}
	if id := got.Headers["Message-Id"]; len(id) != 1 || id[0] != "<last@privacy.harbour.example>" {
		t.Errorf("headers %v", got.Headers)
	}
	bad := l
	bad.To = "lena@post.example,eve@evil.example"
	if _, err := c.Send(t.Context(), "bad", bad, sentAt); !Permanent(err) {
		t.Errorf("captured what could not be sent: %v", err)
	}
}
