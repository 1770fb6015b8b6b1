package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Build makes the MIME message of a letter: text and HTML of the same content, for exactly one recipient. From is the
// configured mailbox; messageID is of the form id@host and stays the same over every attempt, so that a repeated
// letter can be recognised. Bodies are quoted-printable: every server takes that, and no line grows too long. An
// address or header that must not be sent is a permanent Failure.
func Build(l Letter, from, messageID string, at time.Time) (*gomail.Msg, error) {
	for name, value := range map[string]string{
		"to": l.To, "subject": l.Subject, "sender's name": l.FromName, "reply-to": l.ReplyTo,
		"language": l.Language, "from": from, "message-id": messageID,
	} {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return nil, &Failure{Step: "build: the " + name + " has a control character", permanent: true}
		}
	}
	to, err := recipient(l.To)
	if err != nil {
		return nil, &Failure{Step: "build: the recipient is " + err.Error(), permanent: true}
	}
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("mail.from is not a mailbox: write it as privacy@example.com")
	}
	if sender.Address, err = recipient(sender.Address); err != nil {
		return nil, fmt.Errorf("mail.from: %w", err)
	}
	if l.FromName != "" {
		sender.Name = l.FromName
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP), gomail.WithCharset(gomail.CharsetUTF8))
	msg.FromMailAddress(sender)
	msg.ToMailAddress(&netmail.Address{Address: to})
	if reply, err := recipient(l.ReplyTo); err == nil { // the privacy contact may also be a postal address or a page
		msg.ReplyToMailAddress(&netmail.Address{Address: reply})
	}
	msg.Subject(l.Subject)
	msg.SetMessageIDWithValue(messageID) // the default would name this machine
	msg.SetDateWithValue(at)
	msg.SetGenHeader(gomail.HeaderContentLang, l.Language)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5: no vacation notes in return
	msg.SetBodyString(gomail.TypeTextPlain, crlf(l.Text))
	msg.AddAlternativeString(gomail.TypeTextHTML, crlf(l.HTML))
	return msg, nil
}

// crlf ends every line as mail must (RFC 5322 section 2.3); a quoted-printable text has no other line ends.
func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}
