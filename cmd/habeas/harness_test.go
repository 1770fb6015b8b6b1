package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"habeas/cmd/habeas/demo"
)

// The tests run habeas as a process of its own: this binary is it, when asked to be.
func TestMain(m *testing.M) {
	if os.Getenv("BE_HABEAS") != "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(func() int {
		var err error
		if shared, err = os.MkdirTemp("", "habeas"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(shared)
		return m.Run()
	}())
}

// shared holds what is made once for all tests, to be copied by each.
var shared string

// copied returns a copy of what make writes to a directory; it is called the first time only.
func copied(t *testing.T, name string, make func(dir string)) string {
	t.Helper()
	from, to := filepath.Join(shared, name), t.TempDir()
	if _, err := os.Stat(from); err != nil {
		if err := os.Mkdir(from, 0o700); err != nil {
			t.Fatal(err)
		}
		make(from)
	}
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at, err := filepath.Rel(from, path)
		if err != nil || at == "." {
			return err
		}
		if e.IsDir() {
			return os.Mkdir(filepath.Join(to, at), 0o700)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, at), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func habeas(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "BE_HABEAS=1")
	return c
}

// ask runs a command to its end and returns its exit code and what it wrote.
func ask(t *testing.T, dir string, args ...string) (code int, out, errs string) {
	t.Helper()
	c := habeas(t, dir, args...)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), o.String(), e.String()
}

// running is a portal that serves.
type running struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string
	errs  bytes.Buffer
	ended chan error
}

var readyOn = regexp.MustCompile(`^Habeas is ready on (\S+) after \d+ ms\.$`)

// serve starts a portal and waits until it is ready.
func serve(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	p := &running{t: t, cmd: habeas(t, dir, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...), ended: make(chan error, 1)}
	p.cmd.Stderr = &p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for p.url == "" && lines.Scan() {
		if m := readyOn.FindStringSubmatch(lines.Text()); m != nil {
			p.url = "http://" + m[1]
		}
	}
	go func() {
		_, err := io.Copy(io.Discard, out)
		p.ended <- errors.Join(err, p.cmd.Wait())
	}()
	if p.url == "" {
		t.Fatalf("not ready: %v\n%s", <-p.ended, p.errs.String())
	}
	return p
}

// stop asks the portal to stop, and expects that it does so properly.
func (p *running) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("it stopped with %v\n%s", err, p.errs.String())
		}
	case <-time.After(30 * time.Second):
		p.t.Error("it does not stop")
		_ = p.cmd.Process.Kill()
	}
}

// install writes the demo's shop and its configuration, changed by pairs of old and new text, as a company would
// install Habeas on its own database.
func install(t *testing.T, pairs ...string) string {
	t.Helper()
	dir := copied(t, "shop", func(dir string) {
		if err := demo.MakeShop(t.Context(), dir, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	for _, name := range []string{"habeas.yaml", "shop.yml", "warehouse.yml", "archive.yml"} {
		text, err := demo.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer(pairs...).Replace(string(text))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
