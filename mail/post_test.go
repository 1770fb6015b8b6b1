package mail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// post is a real SMTP server on a loopback port, which remembers what it was given.
type post struct {
	address string
	onMail  func(from string) error
	onRcpt  func(to string) error
	onData  func(c *smtp.Conn, r io.Reader) error

	mu      sync.Mutex
	calls   int // connections accepted
	open    []net.Conn
	letters []delivered
}

type delivered struct {
	from string
	to   []string
	utf8 bool
	raw  []byte
}

// startPost starts the server; set changes it before it does.
func startPost(t *testing.T, set func(*smtp.Server)) *post {
	t.Helper()
	p := &post{}
	server := smtp.NewServer(p)
	server.Domain = "mail.post.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	if set != nil {
		set(server)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(&counting{l, p})
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return p
}

type counting struct {
	net.Listener
	p *post
}

func (c *counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			err = tcp.SetReadBuffer(1 << 16) // so that a sender soon feels that nobody reads
		}
		c.p.mu.Lock()
		c.p.calls++
		c.p.open = append(c.p.open, conn)
		c.p.mu.Unlock()
	}
	return conn, err
}

func (p *post) connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

func (p *post) received() []delivered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letters
}

// cut ends every connection, as a server does with idle clients.
func (p *post) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{p: p, c: c}, nil }

type session struct {
	p  *post
	c  *smtp.Conn
	in delivered
}

func (s *session) Reset()        { s.in = delivered{} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, opt *smtp.MailOptions) error {
	s.in = delivered{from: from, utf8: opt.UTF8}
	if s.p.onMail != nil {
		return s.p.onMail(from)
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.in.to = append(s.in.to, to)
	if s.p.onRcpt != nil {
		return s.p.onRcpt(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.p.onData != nil {
		if err := s.p.onData(s.c, r); err != nil {
			return err
		}
	}
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(r); err != nil {
		return err
	}
	s.in.raw = raw.Bytes()
	s.p.mu.Lock()
	s.p.letters = append(s.p.letters, s.in)
	s.p.mu.Unlock()
	// The words of Postfix; go-smtp has no other way to name a queue id.
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: "Ok: queued as 4QzX1"}
}

// sender opens a Sender on the server, by the name of a loopback address unless url says otherwise.
func (p *post) sender(t *testing.T, url string, opt Options) Sender {
	t.Helper()
	if url == "" {
		url = "smtp://" + p.address
	}
	opt.Host = "privacy.harbour.example"
	if opt.Timeout == 0 {
		opt.Timeout = 10 * time.Second
	}
	if opt.Dial == nil {
		opt.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, p.address)
			if err != nil {
				return nil, err
			}
			return conn, conn.(*net.TCPConn).SetWriteBuffer(1 << 16)
		}
	}
	s, err := Open(url, "privacy@harbour.example", opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// authority makes a certificate for mail.post.example and the pool of roots that vouches for it.
func authority(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"mail.post.example"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
