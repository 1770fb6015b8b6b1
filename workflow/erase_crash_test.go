package workflow_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/sources/sourcestest"
	"habeas/store"
)

// TestMain is the process that is killed in the middle of erasures when the environment says so.
func TestMain(m *testing.M) {
	if plan := os.Getenv("HABEAS_ERASE"); plan != "" {
		if err := eraseForever(plan); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	sourcestest.Main(m)
}

// erasePlan is what that process needs to know.
type erasePlan struct {
	Dir     string
	At      time.Time
	Sources []sources.Config
}

// eraseForever erases until nothing is due, and prints a line whenever the portal asks for the time, and waits to be let on: there it is
// killed, or soon after.
func eraseForever(plan string) error {
	var p erasePlan
	if err := json.Unmarshal([]byte(plan), &p); err != nil {
		return err
	}
	set, err := sources.Open(context.Background(), p.Sources, sources.Options{IDKey: make([]byte, 32)})
	if err != nil {
		return err
	}
	portal := portalIn(p.Dir, func() time.Time {
		fmt.Println(".")
		if _, err := os.Stdin.Read(make([]byte, 1)); err != nil { // until it may go on
			os.Exit(1)
		}
		return p.At
	}, set, io.Discard)
	portal.Store, err = store.Open(context.Background(), store.Options{Dir: filepath.Join(p.Dir, "data"), Now: func() time.Time { return p.At }})
	if err != nil {
		return err
	}
	for {
		if had, err := portal.EraseNext(context.Background()); err != nil || !had {
			return err
		}
	}
}

// TestErasuresSurviveTwoHundredKills kills the portal (kill -9) at random places of erasures that are under way, two hundred
// times: at the end everybody is erased, nobody else is touched, and each erasure is written down and told once.
func TestErasuresSurviveTwoHundredKills(t *testing.T) {
	const people, kills = 45, 200
	h := erasing(t)
	var sql, visits strings.Builder
	for i := range people {
		id := 100 + i
		fmt.Fprintf(&sql, "INSERT INTO customers VALUES (%d, 'C-%d', 'p%d@example.com', 'Person %d', NULL, NULL, NULL, NULL);\n", id, id, id, id)
		fmt.Fprintf(&sql, "INSERT INTO orders VALUES (%d, %d, '2026-05-02', 'Note %d'), (%d, %d, '2026-05-03', 'More %d');\n", id, id, id, 1000+id, id, id)
		fmt.Fprintf(&visits, "INSERT INTO visits VALUES (%d, 'p%d@example.com', '/'), (%d, 'p%d@example.com', '/b');\n", id, id, 1000+id, id)
	}
	h.execute("shop", sql.String())
	h.execute("journal", visits.String())
	officer := h.officer(rights.RoleOfficer)
	var refs []string
	for i := range people {
		h.clock.Advance(15 * time.Minute) // one network asks for so many codes an hour
		refs = append(refs, h.erasure(h.customer(fmt.Sprintf("p%d@example.com", 100+i))).Ref)
	}
	h.clock.Advance(72 * time.Hour)
	plan, err := json.Marshal(erasePlan{h.dir, h.clock.Now(), h.mapped})
	h.must(err)
	h.must(h.Store.Close())
	random := rand.New(rand.NewPCG(3, 9))
	killed := 0
	for killed < kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "HABEAS_ERASE="+string(plan))
		out, err := cmd.StdoutPipe()
		h.must(err)
		in, err := cmd.StdinPipe()
		h.must(err)
		h.must(cmd.Start())
		last := 1 + random.IntN(7)
		lines := bufio.NewScanner(out)
		for n := 1; lines.Scan(); n++ {
			if lines.Text() != "." {
				t.Fatalf("after %d kills: %s", killed, lines.Text())
			}
			if n == last && killed%2 == 0 { // where it asked for the time; else somewhere between there and where it asks next
				h.must(cmd.Process.Kill())
				continue
			}
			if _, err := in.Write([]byte{0}); err != nil && n < last {
				t.Fatal(err)
			}
			if n == last {
				h.must(cmd.Process.Kill())
			}
		}
		if cmd.Wait() == nil {
			break // it came to its end
		}
		killed++
	}
	h.openStore()
	h.runs()
	for _, c := range []struct{ what, source, query, want string }{
		{"accounts", "shop", "SELECT count(*) FROM customers", "4"},
		{"orders", "shop", "SELECT count(*) FROM orders", fmt.Sprint(4 + 2*people)},
		{"notes", "shop", "SELECT count(note) FROM orders", "4"},
		{"visits", "journal", "SELECT count(*) FROM visits", "3"},
	} {
		if got := h.cell(c.source, c.query); got != c.want {
			t.Errorf("after %d kills %s %s are left, want %s", killed, got, c.what, c.want)
		}
	}
	for i, ref := range refs {
		f := h.erasureOf(officer, ref)
		ends, told := 0, 0
		for _, e := range f.Events {
			if e.Kind == "erased" {
				ends++
			}
		}
		for _, l := range h.letters(fmt.Sprintf("p%d@example.com", 100+i)) {
			if strings.Contains(l.Subject, "has been erased") {
				told++
			}
		}
		if f.Request.State != rights.Fulfilled || ends != 1 || told != 1 {
			t.Errorf("%s is %s, ended %d times and told %d times", ref, f.Request.State, ends, told)
		}
	}
	if killed < kills {
		t.Errorf("it came to its end after %d kills: more people have to be erased", killed)
	}
}
