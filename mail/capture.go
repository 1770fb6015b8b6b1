package mail

import (
	"bytes"
	"context"
	"fmt"
	netmail "net/mail"
	"slices"
	"sync"
	"time"
)

// captureLimit is how many letters a Capture keeps.
const captureLimit = 500

// Captured is one letter that a Capture kept.
type Captured struct {
	ID      string              `json:"id"`
	At      time.Time           `json:"at"`
	To      string              `json:"to"`
	Subject string              `json:"subject"`
	Text    string              `json:"text"`
	HTML    string              `json:"html"`
	Headers map[string][]string `json:"headers"`
}

// Capture is the Sender of the demo: it builds each letter as if to send it, and keeps the last 500 in memory.
type Capture struct {
	from, host string

	mu   sync.Mutex
	kept []Captured // oldest first
}

// NewCapture returns an empty Capture for letters from that mailbox; host names us in Message-ID.
func NewCapture(from, host string) *Capture { return &Capture{from: from, host: host} }

// Send keeps the letter with the headers that it would have been sent with.
func (c *Capture) Send(_ context.Context, id string, l Letter, at time.Time) (string, error) {
	name, err := messageID(id, c.host)
	if err != nil {
		return "", err
	}
	msg, err := Build(l, c.from, name, at)
	if err != nil {
		return "", err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return "", fmt.Errorf("capture a letter: %w", err)
	}
	sent, err := netmail.ReadMessage(&raw)
	if err != nil {
		return "", fmt.Errorf("capture a letter: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) == captureLimit {
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, Captured{
		ID: id, At: at, To: l.To, Subject: l.Subject, Text: l.Text, HTML: l.HTML, Headers: sent.Header,
	})
	return "captured", nil
}

// All returns the kept letters, newest first.
func (c *Capture) All() []Captured {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Clone(c.kept)
	slices.Reverse(all)
	return all
}

// Close has nothing to end.
func (c *Capture) Close() error { return nil }
