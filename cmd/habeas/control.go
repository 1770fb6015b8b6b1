package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// errand is what a command asks of a data directory. While the portal runs, which holds the directory for itself, the
// errand goes to it over a socket in that directory: one JSON object there, one back.
type errand struct {
	Do       string `json:"do"` // a key of errands
	Email    string `json:"email,omitempty"`
	Name     string `json:"name,omitempty"`
	Role     string `json:"role,omitempty"`
	Language string `json:"language,omitempty"`
	File     string `json:"file,omitempty"` // where to write the backup; which checkpoints to compare with

	Source string            `json:"source,omitempty"` // whose snapshot is imported into
	Facts  map[string]string `json:"facts,omitempty"`  // what an import did, in numbers
}

// outcome is what to print, or why it failed.
type outcome struct {
	Lines []string `json:"lines,omitempty"`
	Error string   `json:"error,omitempty"`
	Usage bool     `json:"usage,omitempty"` // the command was called wrongly
}

// errands are what can be asked. Each needs an opened house, of which some need more than the store: the portal, or the
// configuration if there is one. A backup must not fail for a fault in the configuration.
var errands = map[string]struct {
	portal, config bool
	do             func(context.Context, *house, errand) ([]string, error)
}{
	"staff.add":     {portal: true, do: addStaff},
	"staff.list":    {portal: true, do: listStaff},
	"staff.disable": {portal: true, do: disableStaff},
	"backup":        {do: backUp},
	"audit.verify":  {config: true, do: verifyAudit},
	"audit.key":     {do: auditKey},
	"import.begin":  {do: beginImport},
	"import.end":    {do: endImport},
}

// runErrand has an errand done: by the portal that serves the directory, or here if none does.
func runErrand(ctx context.Context, g *globals, out io.Writer, e errand) error {
	lines, err := askErrand(ctx, g, e)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	return err
}

func askErrand(ctx context.Context, g *globals, e errand) ([]string, error) {
	lines, err := send(ctx, g.dir(), e)
	if errors.Is(err, errNobodyServes) {
		lines, err = doHere(ctx, g, e)
	}
	return lines, err
}

func doHere(ctx context.Context, g *globals, e errand) ([]string, error) {
	kind := errands[e.Do]
	if !kind.portal {
		if err := g.exists(); err != nil {
			return nil, err
		}
		var c config
		if kind.config {
			var err error
			if c, err = g.configured(); err != nil {
				return nil, err
			}
		}
		s, err := openStore(ctx, g, time.Now, nil)
		if err != nil {
			return nil, err
		}
		lines, err := kind.do(ctx, &house{config: c, store: s, dir: g.dir()}, e)
		return lines, errors.Join(err, s.Close())
	}
	c, err := g.load()
	if err != nil {
		return nil, err
	}
	h, err := openHouse(ctx, g, c, slog.New(slog.NewTextHandler(os.Stderr, nil)), time.Now)
	if err != nil {
		return nil, err
	}
	lines, err := kind.do(ctx, h, e)
	return append(lines, keyHint(h.store.MadeKey())...), errors.Join(err, h.close())
}

// errNobodyServes says that no portal listens in the directory.
var errNobodyServes = errors.New("nobody serves this directory")

func socketPath(dir string) string { return filepath.Join(dir, "habeas.sock") }

// send takes an errand to the portal that serves dir.
func send(ctx context.Context, dir string, e errand) ([]string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socketPath(dir))
	if err != nil {
		return nil, errNobodyServes // no socket, or one that a crash left behind
	}
	defer conn.Close()
	if err := json.NewEncoder(conn).Encode(e); err != nil {
		return nil, fmt.Errorf("ask the running portal: %w", err)
	}
	var o outcome
	if err := json.NewDecoder(conn).Decode(&o); err != nil {
		return nil, fmt.Errorf("hear from the running portal: %w", err)
	}
	switch {
	case o.Usage:
		return o.Lines, usageError{o.Error}
	case o.Error != "":
		return o.Lines, errors.New(o.Error)
	}
	return o.Lines, nil
}

// control takes errands while the portal serves.
type control struct {
	listener net.Listener
	busy     sync.WaitGroup
}

// openControl listens in the data directory, for its owner alone. The directory is locked by now, so a socket that is
// there is a dead one.
func openControl(ctx context.Context, h *house, log *slog.Logger) (*control, error) {
	path := socketPath(h.dir)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old control socket: %w", err)
	}
	mask := syscall.Umask(0o077) // the socket is never open to others, not even for a moment
	l, err := net.Listen("unix", path)
	syscall.Umask(mask)
	c := &control{listener: l}
	if err != nil { // mostly a path above the 107 bytes that a socket may have
		log.Warn("no control socket: staff, backup and audit commands need the portal stopped", "error", err)
		return c, nil
	}
	c.busy.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			c.busy.Go(func() { serveErrand(ctx, h, log, conn) })
		}
	})
	return c, nil
}

// close takes no more errands and waits for those under way.
func (c *control) close() {
	if c.listener != nil {
		_ = c.listener.Close() // it ends either way; the file goes with it
		c.busy.Wait()
	}
}

// errandTime is how long an asker may take to ask and to listen; what is asked may take longer.
const errandTime = 5 * time.Second

func serveErrand(ctx context.Context, h *house, log *slog.Logger, conn net.Conn) {
	defer conn.Close()
	o := outcome{Error: "the running portal did not understand: use the habeas of the same version"}
	var e errand
	err := conn.SetReadDeadline(time.Now().Add(errandTime))
	if err == nil {
		err = json.NewDecoder(io.LimitReader(conn, 16<<10)).Decode(&e)
	}
	if kind, known := errands[e.Do]; err == nil && known {
		lines, failed := kind.do(ctx, h, e)
		o = outcome{Lines: lines}
		if failed != nil {
			o.Error, o.Usage = failed.Error(), errors.As(failed, new(usageError))
		}
	}
	err = errors.Join(conn.SetWriteDeadline(time.Now().Add(errandTime)), json.NewEncoder(conn).Encode(o))
	if err != nil {
		log.Warn("errand not answered", "errand", e.Do, "error", err)
	}
}
