package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/store"
)

// TestMain is the process that is killed when the environment says so.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STORE_CRASH_DIR"); dir != "" {
		writeForever(dir)
	}
	os.Exit(m.Run())
}

// writeForever writes from eight goroutines and prints each subject once it is acknowledged.
func writeForever(dir string) {
	s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for range 8 {
		go func() {
			for {
				sub := store.Subject{ID: newID(), Mailbox: "ana@example.com", MadeAt: noon}
				if err := s.Write(bg, func(tx *store.Tx) error { return tx.InsertSubject(sub, why("subject.made")) }); err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				fmt.Println("done", sub.ID)
			}
		}()
	}
	select {}
}

func TestWhatWasAcknowledgedSurvivesAKilledProcess(t *testing.T) {
	dir := t.TempDir()
	var acknowledged []string
	for range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "STORE_CRASH_DIR="+dir)
		out, err := cmd.StdoutPipe()
		check(t, err)
		check(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			word, rest, _ := strings.Cut(lines.Text(), " ")
			if word != "done" {
				t.Fatalf("the writing process: %s", lines.Text())
			}
			acknowledged = append(acknowledged, rest)
			if n == 150 {
				check(t, cmd.Process.Kill())
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the writing process ended by itself")
		}
	}
	s := openIn(t, dir)
	for _, id := range acknowledged {
		if _, err := s.Subject(bg, id); err != nil {
			t.Fatalf("an acknowledged subject is lost: %v", err)
		}
	}
	var keyless int
	check(t, raw(t, dir).QueryRow("SELECT COUNT(*) FROM subjects WHERE id NOT IN (SELECT subject_id FROM keys.subject_keys)").Scan(&keyless))
	if keyless != 0 {
		t.Errorf("%d subjects have no key", keyless)
	}
	r, err := s.VerifyAudit(bg)
	check(t, err)
	if r.Entries < int64(len(acknowledged)) {
		t.Errorf("%d audit entries for %d acknowledged acts", r.Entries, len(acknowledged))
	}
	if _, err := s.Subject(bg, "nobody"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a subject nobody wrote: %v", err)
	}
}
