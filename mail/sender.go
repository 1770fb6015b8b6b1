package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Sender delivers letters. Send returns once the letter is safely somebody else's: the id is the letter's own and the
// same over every attempt; queueID is the name that the next server gave it, if it gave one. Senders are safe for
// concurrent use.
type Sender interface {
	Send(ctx context.Context, id string, l Letter, at time.Time) (queueID string, err error)
	Close() error
}

// Options are what a mail URL does not say.
type Options struct {
	Host     string           // of base_url: names us in Message-ID and to the server
	Password string           // of the user in the mail URL
	Timeout  time.Duration    // for one try of one letter; 30 s when zero
	Idle     time.Duration    // after which a connection is not trusted any more; 30 s when zero
	Now      func() time.Time // what idleness is measured by; time.Now when nil
	Roots    *x509.CertPool   // who may vouch for the server; the system's roots when nil
	Dial     Dialer           // how to reach it; the network when nil
}

// Dialer opens a connection, as net.Dialer.DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Open makes the sender of a mail URL: smtp://user@host:587 (STARTTLS, which only a server on this machine may lack),
// smtps://user@host:465, or spool:DIR. From is the mailbox that letters come from.
func Open(mailURL, from string, opt Options) (Sender, error) {
	sender, err := netmail.ParseAddress(from)
	if err == nil {
		sender.Address, err = recipient(sender.Address)
	}
	if err != nil {
		return nil, errors.New("mail.from is not a mailbox: write it as privacy@example.com")
	}
	if opt.Host == "" {
		_, opt.Host, _ = strings.Cut(sender.Address, "@")
	}
	if dir, ok := strings.CutPrefix(mailURL, "spool:"); ok {
		return newSpool(dir, from, opt.Host)
	}
	// The URL is not repeated in an error: people put passwords into it.
	u, err := url.Parse(mailURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, errors.New("mail.url: write it as smtp://user@host:587, smtps://user@host:465 or spool:DIR")
	}
	if _, has := u.User.Password(); has {
		return nil, errors.New("mail.url: leave the password out of it and set it by HABEAS_MAIL_PASSWORD or its _FILE form")
	}
	if u.User.Username() != "" && opt.Password == "" {
		return nil, errors.New("mail.url names a user: set the password by HABEAS_MAIL_PASSWORD or its _FILE form")
	}
	return newSMTP(u, from, opt)
}

var fileSafe = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// messageID is the letter's name in the world: its own id at the host of base_url.
func messageID(id, host string) (string, error) {
	if !fileSafe.MatchString(id) {
		return "", fmt.Errorf("a letter's id must be 1 to 100 letters, digits, dots, hyphens and underscores")
	}
	return id + "@" + host, nil
}
