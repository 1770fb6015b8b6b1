package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Failure is why a letter was not delivered. It keeps the server's codes but never its words, because servers echo the
// address, and errors end up in logs.
type Failure struct {
	Step      string // what was being done
	Code      int    // the server's reply code (RFC 5321 section 4.2), 0 where it gave none
	Enhanced  string // and its enhanced code (RFC 3463), such as 5.1.1
	permanent bool
}

func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString("mail not sent: " + f.Step)
	if f.Code > 0 {
		fmt.Fprintf(&b, ": the server answered %d", f.Code)
	}
	if f.Enhanced != "" {
		b.WriteString(" " + f.Enhanced)
	}
	return b.String()
}

// Permanent reports whether trying the same letter again is useless: the server refused this recipient or this letter
// for good, or the address cannot be one. Everything else is temporary, also when our own sign-in to the server is
// refused: that is mended in the configuration, and must not cost the whole queue.
func Permanent(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.permanent
}

// steps names where a delivery stood, and whether a 5yz there is about this letter alone. A refused MAIL command is
// about us, the sender.
var steps = map[gomail.SendErrReason]struct {
	name string
	ours bool
}{
	gomail.ErrGetSender:     {"reading the sender", true},
	gomail.ErrGetRcpts:      {"reading the recipient", false},
	gomail.ErrConnCheck:     {"checking the connection", true},
	gomail.ErrSMTPMailFrom:  {"naming the sender (MAIL)", true},
	gomail.ErrSMTPRcptTo:    {"naming the recipient (RCPT)", false},
	gomail.ErrSMTPData:      {"offering the letter (DATA)", false},
	gomail.ErrWriteContent:  {"sending the letter", false},
	gomail.ErrSMTPDataClose: {"ending the letter", false},
}

// sendFailure classifies what go-mail reports of one message. It goes by the code: go-mail itself calls a broken
// connection permanent.
func sendFailure(err error) (*Failure, gomail.SendErrReason) {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return &Failure{Step: "sending"}, gomail.ErrAmbiguous
	}
	step, ok := steps[e.Reason]
	if !ok {
		step.name, step.ours = "sending", true
	}
	return &Failure{
		Step: step.name, Code: e.ErrorCode(), Enhanced: e.EnhancedStatusCode(),
		permanent: e.ErrorCode() >= 500 && !step.ours,
	}, e.Reason
}

// dialFailure describes a connection that could not be made: never the letter's fault. The server's words are left
// out (they can echo the user), the network's are kept.
func dialFailure(err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return &Failure{Step: "greeting or signing in to the mail server", Code: reply.Code}
	}
	return fmt.Errorf("mail not sent: connect to the mail server: %w", err)
}

// backoff is how long to wait after each failed attempt: short while a server restarts, long while somebody sleeps.
var backoff = []time.Duration{
	30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour,
}

// Retry returns how long to wait after the given number of failed attempts (1 after the first), and false when the
// letter is to be parked for a person to look at.
func Retry(attempt int) (time.Duration, bool) {
	if attempt < 1 || attempt > len(backoff) {
		return 0, false
	}
	return backoff[attempt-1], true
}
