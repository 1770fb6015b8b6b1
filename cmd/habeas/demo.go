package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"habeas/cmd/habeas/demo"
	"habeas/handlers"
	"habeas/mail"
)

// demoDoor is what the demo shows of itself under /dev: the people it made up and the letters it kept.
type demoDoor struct{ post *mail.Capture }

func newDemoDoor() *demoDoor {
	return &demoDoor{mail.NewCapture("privacy@harbour-home.example", "harbour-home.example")}
}

// Letters returns the captured letters, newest first.
func (d *demoDoor) Letters() []handlers.DevLetter {
	kept := d.post.All()
	out := make([]handlers.DevLetter, len(kept))
	for i, l := range kept {
		out[i] = handlers.DevLetter(l)
	}
	return out
}

// People returns everybody worth signing in as.
func (d *demoDoor) People() []handlers.DevPerson {
	out := make([]handlers.DevPerson, len(demo.Personas))
	for i, p := range demo.Personas {
		out[i] = handlers.DevPerson{Email: p.Email, Name: p.Name, Role: string(p.Role), Try: p.Try}
	}
	return out
}

// checkDemo refuses what would show the demo to others or let it write to anybody: anyone may be anyone in it.
func (c *serveCmd) checkDemo(g *globals) error {
	if g.Config != "" {
		return usageError{"--demo brings its own configuration and keeps its mail in memory: leave out --config"}
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if err == nil && !isLoopback(host) {
		return usageError{fmt.Sprintf("--demo lets anybody be anybody, so it only listens on this machine: choose --addr 127.0.0.1:8080, not %s", c.Addr)}
	}
	if g.Data == "" {
		g.Data = filepath.Join("data", "demo")
	}
	return nil
}

// demoMark is kept beside a demo's data. It says that the directory is a demo's, to be made anew at will, and when and by
// which binary it was made: its dates are relative to that day.
type demoMark struct {
	Day  string `json:"day"`
	Made string `json:"made"`
}

const markFile = "demo.json"

// prepare makes the demo's data unless today's are there, and returns its configuration.
func (d *demoDoor) prepare(ctx context.Context, g *globals, addr net.Addr, asked string) (config, error) {
	now := time.Now()
	mark := demoMark{Day: now.Format(time.DateOnly), Made: binary()}
	there, err := readMark(g.dir())
	if err != nil {
		return config{}, err
	}
	if there != mark {
		if err := makeDemo(ctx, g, mark, now); err != nil {
			return config{}, plain(err, g.dir())
		}
	}
	c, err := loadConfig(filepath.Join(g.dir(), "habeas.yaml"))
	if err != nil {
		return c, err
	}
	host, _, err := net.SplitHostPort(asked)
	if err != nil {
		return c, err
	}
	_, port, err := net.SplitHostPort(addr.String()) // the one that was free, if none was asked for
	if err != nil {
		return c, err
	}
	c.BaseURL = &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
	return c, nil
}

// readMark returns the mark of a demo's directory. Anybody else's directory is refused: a demo empties its own.
func readMark(dir string) (demoMark, error) {
	var mark demoMark
	text, err := os.ReadFile(filepath.Join(dir, markFile))
	if err == nil {
		if json.Unmarshal(text, &mark) != nil {
			return demoMark{}, nil // half written: made anew
		}
		return mark, nil
	}
	entries, listed := os.ReadDir(dir)
	switch {
	case errors.Is(listed, fs.ErrNotExist), listed == nil && len(entries) == 0:
		return mark, nil
	case listed != nil:
		return mark, plain(listed, dir)
	}
	return mark, fmt.Errorf("%s holds data that no demo made: name an empty directory with --data", dir)
}

// makeDemo empties the directory and fills it: the shop, and then two months of letters, on a clock turned back.
func makeDemo(ctx context.Context, g *globals, mark demoMark, now time.Time) error {
	dir := g.dir()
	if err := emptyDemo(dir); err != nil {
		return err
	}
	if err := writeMark(dir, demoMark{}); err != nil { // from here on it is a demo's, even if this ends halfway
		return err
	}
	names, err := fs.Glob(demo.Files, "*")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := demo.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	if err := demo.MakeShop(ctx, dir, now); err != nil {
		return err
	}
	c, err := loadConfig(filepath.Join(dir, "habeas.yaml"))
	if err != nil {
		return err
	}
	var clock time.Time
	h, err := openHouse(ctx, g, c, slog.New(slog.DiscardHandler), func() time.Time { return clock })
	if err != nil {
		return err
	}
	h.portal.Demo = true
	if err := errors.Join(demo.Play(ctx, h.portal, &clock, now), h.close()); err != nil {
		return fmt.Errorf("make the demo's data: %w", err)
	}
	return writeMark(dir, mark)
}

// emptyDemo removes what an older demo left, unless one is running there.
func emptyDemo(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "habeas.lock"), os.O_CREATE|os.O_RDWR, 0o600) // the one that store takes
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another habeas is using %s: stop it first, or give this one its own data directory", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "habeas.lock" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func writeMark(dir string, mark demoMark) error {
	text, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, markFile), text, 0o600)
}

// binary tells one build from the next: a new one may make other data.
func binary() string {
	path, err := os.Executable()
	if err != nil {
		return version
	}
	info, err := os.Stat(path)
	if err != nil {
		return version
	}
	return fmt.Sprintf("%s %d %d", version, info.Size(), info.ModTime().UnixNano())
}
