// Package browser holds the end-to-end tests: people of every kind use the demo in a real browser. It knows the portal as
// they do, by its pages, its letters and its commands; of the code it uses the words that pages must show, and nothing else.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What all tests share: one demo and one browser. Each visitor has a profile of their own.
var (
	binary  string // the portal, built for this run
	dataDir string // of the demo
	base    string // where it answers, like http://127.0.0.1:40123
	chrome  context.Context
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser tests:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "habeas-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	stop, err := startDemo(dir)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	quit, err := startChrome(dir)
	if err != nil {
		return 1, err
	}
	defer quit()
	return m.Run(), nil
}

// startDemo builds the portal and serves its demo on a free port, from a directory of its own.
func startDemo(dir string) (stop func() error, err error) {
	binary, dataDir = filepath.Join(dir, "habeas"), filepath.Join(dir, "data")
	build := exec.Command("go", "build", "-o", binary, "habeas/cmd/habeas")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the portal: %w\n%s", err, out)
	}
	serve := exec.Command(binary, "serve", "--demo", "--data", dataDir, "--addr", "127.0.0.1:0")
	serve.Stderr = os.Stderr
	out, err := serve.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := serve.Start(); err != nil {
		return nil, err
	}
	stop = func() error {
		if err := serve.Process.Signal(os.Interrupt); err != nil {
			return fmt.Errorf("stop the demo: %w", err)
		}
		return serve.Wait()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, found := strings.CutPrefix(strings.TrimSpace(lines.Text()), "Customers"); found {
			base = strings.TrimSuffix(strings.TrimSpace(at), "/")
		}
		if strings.Contains(lines.Text(), "/dev ") {
			return stop, ready()
		}
	}
	return nil, errors.Join(errors.New("the demo ended before it was ready"), serve.Wait())
}

func ready() error {
	answer, err := http.Get(base + "/readyz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the demo is not ready: %s", answer.Status)
	}
	return nil
}

// startChrome starts the one browser. A machine without one fails: tests that nobody ran must not look green.
func startChrome(dir string) (quit func(), err error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, errors.New("no chromium here: run .ci/tools, or on Debian apt-get install chromium fonts-noto-cjk")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.DisableGPU,
		chromedp.Flag("hide-scrollbars", false), chromedp.Flag("lang", "en-US"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		cancelAlloc()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	chrome = ctx
	return func() { cancel(); cancelAlloc() }, nil
}

// fetch reads what the demo tells scripts about itself.
func fetch[T any](t *testing.T, path string) (out T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", path, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	return out
}

// patience is how long anything may take that a person waits for. Machines that run tests are slow; people are not asked.
const patience = 20 * time.Second

// until asks again and again until what is awaited is there, and reports whether it came.
func until(came func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		if came() {
			return true
		}
	}
	return came()
}
