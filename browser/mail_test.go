package browser

import (
	"regexp"
	"strings"
	"testing"
)

// letter is one that the demo captured.
type letter struct {
	ID, To, Subject, Text, HTML string
	Headers                     map[string][]string
}

// mailbox is what somebody finds in theirs from now on.
type mailbox struct {
	t       *testing.T
	address string
	read    map[string]bool
}

func mailboxOf(t *testing.T, address string) *mailbox {
	t.Helper()
	m := &mailbox{t, address, map[string]bool{}}
	for _, l := range fetch[[]letter](t, "/dev/mail") {
		m.read[l.ID] = true
	}
	return m
}

// next waits for a new letter whose subject or text holds these words.
func (m *mailbox) next(words string) letter {
	m.t.Helper()
	var got letter
	if !until(func() bool {
		for _, l := range fetch[[]letter](m.t, "/dev/mail") {
			if l.To == m.address && !m.read[l.ID] && (strings.Contains(l.Subject, words) || strings.Contains(l.Text, words)) {
				got, m.read[l.ID] = l, true
				return true
			}
		}
		return false
	}) {
		m.t.Fatalf("no letter to %s says %q", m.address, words)
	}
	return got
}

var (
	codeShape  = regexp.MustCompile(`\b\d{4} \d{4}\b`)
	linkShape  = regexp.MustCompile(`https?://\S+`)
	refShape   = regexp.MustCompile(`HB-[0-9A-Z]{4}-[0-9A-Z]{4}`)
	wideDigits = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")
)

// code is the one-time code of a letter, as it is printed.
func (l letter) code(t *testing.T) string {
	t.Helper()
	code := codeShape.FindString(l.Text)
	if code == "" {
		t.Fatalf("no code in the letter:\n%s", l.Text)
	}
	return code
}

// link is the address in a letter that leads below path.
func (l letter) link(t *testing.T, path string) string {
	t.Helper()
	for _, link := range linkShape.FindAllString(l.Text, -1) {
		if strings.HasPrefix(link, base+path) {
			return link
		}
	}
	t.Fatalf("no link to %s in the letter:\n%s", path, l.Text)
	return ""
}
