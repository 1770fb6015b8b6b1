package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"habeas/handlers"
	"habeas/mail"
)

// serveCmd runs the portal until it is told to stop.
type serveCmd struct {
	Addr     string `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Demo     bool   `help:"Show a made-up shop with made-up people. Needs no configuration; mail stays in memory."`
	LogLevel string `help:"What to log: debug, info, warn or error." default:"" enum:",debug,info,warn,error" placeholder:"LEVEL"`
}

// graceful is how long requests and steps that have begun may take to end.
const graceful = 20 * time.Second

// Run starts in this order: the port, because a busy one is the likeliest fault and costs nothing to find; then the
// database, which locks the data directory; then everything else.
func (c *serveCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	begun := time.Now()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	log := c.logger(os.Stderr)
	var door *demoDoor // of the demo
	var conf config
	var err error
	if c.Demo {
		door = newDemoDoor()
		err = c.checkDemo(g)
	} else {
		conf, err = g.load()
	}
	if err != nil {
		return err
	}
	listener, err := listen(c.Addr)
	if err != nil {
		return err
	}
	defer listener.Close() // again after a proper end, which then does nothing
	if c.Demo {
		if conf, err = door.prepare(ctx, g, listener.Addr(), c.Addr); err != nil {
			return err
		}
	}
	h, err := openHouse(ctx, g, conf, log, time.Now)
	if err != nil {
		return err
	}
	for _, f := range h.sources.Warnings() {
		log.Warn("data map", "file", f.File, "line", f.Line, "warning", f.Message)
	}
	s := &service{house: h, log: log, out: out, listener: listener}
	if c.Demo {
		h.portal.Demo = true
		s.demo, s.sender = door, door.post
	} else if s.sender, err = h.openMail(); err != nil {
		return errors.Join(err, h.close())
	}
	if err := s.run(ctx, stop, begun); err != nil {
		return errors.Join(err, s.sender.Close(), h.close())
	}
	return errors.Join(s.sender.Close(), h.close())
}

// logger writes JSON for machines; the demo writes text for whoever started it, and only what they should look at.
func (c *serveCmd) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{}
	text := c.LogLevel
	if text == "" && c.Demo {
		text = "warn"
	}
	if text != "" {
		var level slog.Level
		if err := level.UnmarshalText([]byte(text)); err == nil { // the flag's enum allows nothing else
			options.Level = level
		}
	}
	if c.Demo {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func listen(addr string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, usageError{fmt.Sprintf("--addr %q: write it as HOST:PORT, like 127.0.0.1:8080", addr)}
	}
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use: stop what listens there, or choose another with --addr", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be listened on by this user: choose a port above 1023 with --addr", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is not an address of this machine: choose another with --addr", addr)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

// service is a portal at work.
type service struct {
	house    *house
	log      *slog.Logger
	out      io.Writer
	listener net.Listener
	sender   mail.Sender
	demo     *demoDoor // nil outside the demo
}

// run serves until ctx ends, then stops in the order in which things depend on each other: no new requests, the running
// ones end, the chores end, a last checkpoint. Release gives signals back to the system: a second one ends the process.
func (s *service) run(ctx context.Context, release func(), begun time.Time) error {
	stopping := make(chan struct{})
	handler, err := s.handler(stopping)
	if err != nil {
		return err
	}
	control, err := openControl(ctx, s.house, s.log)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 90 * time.Second,
		MaxHeaderBytes: 16 << 10,
	}
	server.RegisterOnShutdown(func() { close(stopping) }) // streams of events would never end by themselves
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(s.listener) }()
	crew := startCrew(s.log, s.chores())
	s.announce(time.Since(begun))
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	}
	release()
	last, cancel := context.WithTimeout(context.Background(), graceful)
	defer cancel()
	control.close()
	if late := server.Shutdown(last); late != nil {
		s.log.Warn("requests cut off", "after", graceful.String())
		err = errors.Join(err, server.Close())
	}
	crew.stop(last)
	// Once more and beyond the time for stopping: it is a single small write.
	_, unsigned := s.checkpoint(context.Background())
	s.log.Info("stopped")
	return errors.Join(err, unsigned)
}

func (s *service) handler(stopping <-chan struct{}) (http.Handler, error) {
	token, err := secret("HABEAS_METRICS_TOKEN")
	if err != nil {
		return nil, err
	}
	c := s.house.config
	options := handlers.Options{
		Portal: s.house.portal, BaseURL: c.BaseURL, Proxies: c.Proxies, MetricsBy: token, Log: s.log, Now: time.Now, Done: stopping,
		Contacts: handlers.Contacts{PolicyURL: c.PolicyURL, Privacy: c.PrivacyContact, AuthorityName: c.AuthorityName, AuthorityURL: c.AuthorityURL},
	}
	if s.demo != nil {
		options.Dev = s.demo
	}
	return handlers.New(options)
}

// chores are what the portal does without being asked. Somebody waits for their code: letters are looked for often.
func (s *service) chores() []chore {
	p := s.house.portal
	sweep := func(ctx context.Context) (bool, error) { return false, p.Sweep(ctx) }
	return []chore{
		{"letters", 250 * time.Millisecond, func(ctx context.Context) (bool, error) { return p.SendNext(ctx, s.sender) }},
		{"packages", 500 * time.Millisecond, p.BuildNext},
		{"expiry", time.Minute, p.ExpireNext},
		{"corrections", 30 * time.Second, p.SettleCorrection},
		{"erasures", 5 * time.Second, p.EraseNext},
		{"recipients", 5 * time.Second, p.TellNext},
		{"choices", time.Second, p.ChooseNext},
		{"flags", 2 * time.Second, p.FlagNext},
		{"residues", time.Minute, p.RecheckNext},
		{"holds", time.Hour, p.WatchHolds},
		{"deadlines", time.Minute, p.WatchDeadlines},
		{"digest", time.Minute, p.SendDigest},
		{"retention", time.Hour, p.RetainNext},
		{"rules", time.Minute, p.SurveyNext}, // once a day; soon where somebody asks for it
		{"destructions", 10 * time.Second, p.DestroyNext},
		{"calls", 5 * time.Second, p.CountCalls},
		{"map", time.Hour, p.KeepMap},
		{"contacts", 5 * time.Minute, p.AskSource},
		{"reviews", time.Hour, p.WatchReviews},
		{"sweep", time.Hour, sweep},
		{"checkpoint", time.Hour, s.checkpoint},
	}
}

// announce tells whoever started the portal where it is.
func (s *service) announce(took time.Duration) {
	base := s.house.config.BaseURL.String()
	s.log.Info("ready", "ms", took.Milliseconds(), "address", s.listener.Addr().String(), "version", version)
	fmt.Fprintf(s.out, "Habeas is ready on %s after %d ms.\n\n  Customers  %s/\n  Officers   %s/staff/login\n",
		s.listener.Addr(), took.Milliseconds(), base, base)
	if s.demo != nil {
		fmt.Fprintf(s.out, "  Mail       %s/dev/mail   every letter of the demo, codes included\n", base)
		fmt.Fprintf(s.out, "  People     %s/dev        sign in as anybody\n", base)
	}
	if s.demo == nil {
		for _, line := range keyHint(s.house.store.MadeKey()) {
			fmt.Fprintln(s.out, line)
		}
	}
}
