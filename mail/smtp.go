package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// smtpSender sends one letter at a time over a connection that it keeps.
type smtpSender struct {
	server  string
	options []gomail.Option
	connect Dialer
	from    string
	host    string
	timeout time.Duration
	idle    time.Duration
	now     func() time.Time

	mu      sync.Mutex
	client  *gomail.Client
	session *smtp.Client // nil when there is no connection
	wire    net.Conn     // beneath the session: closing it is the one way to stop go-mail at once
	used    time.Time
}

func newSMTP(u *url.URL, from string, opt Options) (Sender, error) {
	s := &smtpSender{
		server: u.Hostname(), from: from, host: opt.Host,
		timeout: opt.Timeout, idle: opt.Idle, now: opt.Now, connect: opt.Dial,
	}
	if s.timeout <= 0 {
		s.timeout = 30 * time.Second
	}
	if s.idle <= 0 {
		s.idle = 30 * time.Second
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.connect == nil {
		s.connect = (&net.Dialer{}).DialContext
	}
	trust := &tls.Config{ServerName: s.server, RootCAs: opt.Roots, MinVersion: tls.VersionTLS12}
	port, policy := 587, gomail.TLSMandatory
	switch {
	case u.Scheme == "smtps":
		port, policy = 465, gomail.NoTLS // TLS comes first (RFC 8314 section 3.3), so there is none to start
		plain := s.connect
		s.connect = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := plain(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return tls.Client(conn, trust), nil
		}
	case loopback(s.server):
		policy = gomail.NoTLS // nothing leaves this machine, and a local relay rarely has a certificate of its name
	}
	if p := u.Port(); p != "" {
		var err error
		if port, err = strconv.Atoi(p); err != nil {
			return nil, fmt.Errorf("mail.url: %q is not a port", p)
		}
	}
	s.options = []gomail.Option{
		// Our own timeout is the one that counts, so that a timeout can be told from a break; go-mail's comes after it.
		gomail.WithPort(port), gomail.WithTimeout(2 * s.timeout), gomail.WithHELO(opt.Host),
		gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(trust),
		// No NOOP before and no RSET after each letter: a dead connection shows at MAIL, where a second try is safe.
		gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	if user := u.User.Username(); user != "" {
		s.options = append(s.options, gomail.WithUsername(user), gomail.WithPassword(opt.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	if _, err := gomail.NewClient(s.server, s.options...); err != nil {
		return nil, fmt.Errorf("mail.url: %w", err)
	}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send delivers the letter, on a second connection if the first proves dead before it had the letter.
func (s *smtpSender) Send(ctx context.Context, id string, l Letter, at time.Time) (string, error) {
	name, err := messageID(id, s.host)
	if err != nil {
		return "", err
	}
	local, _, _ := strings.Cut(l.To, "@") // the domain goes in ASCII
	s.mu.Lock()
	defer s.mu.Unlock()
	for try := 0; ; try++ {
		// A message counts what was sent of it, so each try builds its own.
		msg, err := Build(l, s.from, name, at)
		if err != nil {
			return "", err
		}
		again, err := s.try(ctx, msg, !isASCII(local))
		if err == nil {
			return queued(msg.ServerResponse()), nil
		}
		if !again || try > 0 {
			return "", err
		}
	}
}

// try sends msg once; utf8 says that its address needs SMTPUTF8. Again says that it certainly was not accepted and that a new connection may help.
func (s *smtpSender) try(ctx context.Context, msg *gomail.Msg, utf8 bool) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if s.session != nil && s.now().Sub(s.used) > s.idle {
		s.hangUp()
	}
	if s.session == nil {
		if err := s.dial(ctx); err != nil {
			return false, dialFailure(err)
		}
	}
	wire := s.wire
	stop := context.AfterFunc(ctx, func() { _ = wire.Close() }) // go-mail waits for the server without looking at ctx
	defer stop()

	if ok, _ := s.session.Extension("SMTPUTF8"); utf8 && !ok {
		return false, &Failure{Step: "the server does not take addresses outside ASCII (SMTPUTF8)", permanent: true}
	}
	// Asked for only where it is needed: a letter that asks is refused by every later server without it.
	s.session.SkipSMTPUTF8(!utf8)

	err = s.client.SendWithSMTPClient(s.session, msg)
	if err == nil || msg.IsDelivered() {
		s.used = s.now()
		return false, nil
	}
	failure, reason := sendFailure(err)
	answered := failure.Code > 0 && failure.Code != 421 // 421: the server is closing the connection
	if answered && (reason == gomail.ErrSMTPRcptTo || reason == gomail.ErrSMTPDataClose) {
		s.used = s.now() // a refused letter leaves the connection in order
		return false, failure
	}
	s.drop()
	if ctx.Err() != nil {
		failure.Step += ", which took too long or was stopped"
		return false, failure
	}
	// Once the last dot is written, only the server knows whether it has the letter; the outbox decides then.
	return !answered && reason != gomail.ErrSMTPDataClose, failure
}

// dial connects and keeps the connection. go-mail neither heeds ctx once connected nor closes a connection whose
// greeting, STARTTLS or sign-in fails; both are done here.
func (s *smtpSender) dial(ctx context.Context) error {
	stop := func() bool { return true }
	connect := func(dialCtx context.Context, network, address string) (net.Conn, error) {
		conn, err := s.connect(dialCtx, network, address)
		if err == nil {
			s.wire = conn
			stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	client, err := gomail.NewClient(s.server, append(slices.Clip(s.options), gomail.WithDialContextFunc(connect))...)
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	stop()
	if err != nil {
		s.drop()
		return err
	}
	s.client, s.session = client, session
	return nil
}

// hangUp says goodbye, which the server need not hear.
func (s *smtpSender) hangUp() {
	if s.session != nil && s.wire.SetDeadline(time.Now().Add(2*time.Second)) == nil {
		_ = s.session.Quit()
	}
	s.drop()
}

func (s *smtpSender) drop() {
	if s.wire != nil {
		_ = s.wire.Close()
	}
	s.client, s.session, s.wire = nil, nil, nil
}

// Close ends the connection.
func (s *smtpSender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp()
	return nil
}

var queueName = regexp.MustCompile(`(?i)(?:queued as|\bid=)\s*([A-Za-z0-9._-]+)`)

// queued finds the queue id in the words with which a server took a letter. Without a known form it keeps those words
// that cannot be an address.
func queued(response string) string {
	if m := queueName.FindStringSubmatch(response); m != nil {
		return m[1]
	}
	var kept []string
	for _, word := range strings.Fields(response) {
		if !strings.Contains(word, "@") && len(word) <= 64 && len(kept) < 8 {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}
