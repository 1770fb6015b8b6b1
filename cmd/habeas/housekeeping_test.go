package main

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

func TestHousekeepingWorksTheSameWhileThePortalServes(t *testing.T) {
	dir := install(t)
	var p *running
	for _, served := range []bool{false, true} {
		name, who := "alone.db", "first@harbour-home.example"
		if served {
			name, who = "served.db", "second@harbour-home.example"
			p = serve(t, dir)
		}
		code, out, errs := ask(t, dir, "staff", "add", "--email", who, "--name", "A", "--role", "admin")
		if code != 0 || !regexp.MustCompile(`(?m)^http://127\.0\.0\.1:8080/staff/enrol/\S+$`).MatchString(out) {
			t.Errorf("served %t: staff add: %d %s%s", served, code, out, errs)
		}
		if strings.Contains(out, "A new key was made") == served {
			t.Errorf("served %t: staff add says of the key: %s", served, out)
		}
		if code, _, errs = ask(t, dir, "staff", "disable", who); code != 0 {
			t.Errorf("served %t: staff disable: %d %s", served, code, errs)
		}
		if code, out, errs = ask(t, dir, "staff", "list"); code != 0 || !regexp.MustCompile(regexp.QuoteMeta(who)+` +A +admin +disabled`).MatchString(out) {
			t.Errorf("served %t: staff list: %d %s%s", served, code, out, errs)
		}
		if code, _, errs = ask(t, dir, "staff", "add", "--email", "x", "--name", "A", "--role", "admin"); code != 2 {
			t.Errorf("served %t: wrong use is told as %d %s", served, code, errs)
		}
		if code, out, errs = ask(t, dir, "audit", "verify"); code != 0 || !strings.HasPrefix(out, "ok: ") {
			t.Errorf("served %t: audit verify: %d %s%s", served, code, out, errs)
		}
		if code, _, errs = ask(t, dir, "backup", name); code != 0 {
			t.Errorf("served %t: backup: %d %s", served, code, errs)
		}
		if code, _, errs = ask(t, dir, "backup", name); code != 1 || !strings.Contains(errs, "exists already: name a new file") {
			t.Errorf("served %t: a backup over another: %d %s", served, code, errs)
		}
	}
	p.stop()
	code, out, errs := ask(t, dir, "restore", "served.db", "--data", "again", "--key-file", "data/habeas.key")
	if code != 0 || !strings.Contains(out, "The audit log is whole") {
		t.Fatalf("restore: %d %s%s", code, out, errs)
	}
	if !strings.Contains(out, "Sessions ended: 0. Codes and links that were open are used up. People erased since, and now again: 0.") {
		t.Errorf("restore says %s", out)
	}
	code, out, _ = ask(t, dir, "staff", "list", "--data", "again", "--key-file", "data/habeas.key")
	if code != 0 || !strings.Contains(out, "second@harbour-home.example") {
		t.Errorf("what was restored lacks the team: %d %s", code, out)
	}
}

func TestAuditVerifyFindsAChangedEntry(t *testing.T) {
	dir := install(t)
	if code, _, errs := ask(t, dir, "staff", "add", "--email", "a@harbour-home.example", "--name", "A", "--role", "admin"); code != 0 {
		t.Fatal(errs)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "data", "habeas.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DROP TRIGGER audit_entries_stay; UPDATE audit_entries SET act = 'nothing.happened' WHERE seq = 1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, _, errs := ask(t, dir, "audit", "verify")
	if code != 1 || !strings.Contains(errs, "tampered with at entry 1") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestAuditVerifyTellsAnOlderDatabaseByTheCheckpointFile(t *testing.T) {
	dir := install(t, "cooling_off: 72h", "cooling_off: 72h\naudit: {checkpoints: {file: checkpoints.txt}}")
	add := func(who string) {
		t.Helper()
		if code, _, errs := ask(t, dir, "staff", "add", "--email", who+"@harbour-home.example", "--name", "A", "--role", "admin"); code != 0 {
			t.Fatal(errs)
		}
	}
	verify := func(code int, want string, args ...string) {
		t.Helper()
		got, out, errs := ask(t, dir, append([]string{"audit", "verify"}, args...)...)
		if got != code || !strings.Contains(out+errs, want) {
			t.Errorf("exit code %d, want %d and %q: %s%s", got, code, want, out, errs)
		}
	}
	add("first")
	verify(0, "compared with no checkpoint, because there is no checkpoints.txt (audit.checkpoints.file)")
	serve(t, dir).stop() // signs one at start, and one at the end where the log grew meanwhile
	verify(0, ", and the log contains every one")
	if code, _, errs := ask(t, dir, "backup", "old.db"); code != 0 {
		t.Fatal(errs)
	}
	add("second")
	p := serve(t, dir)
	p.stop()
	verify(0, ", and the log contains every one")
	for _, file := range []string{"habeas.db", "habeas.db-wal", "habeas.db-shm"} {
		if err := os.Remove(filepath.Join(dir, "data", file)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(filepath.Join(dir, "old.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "habeas.db"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	verify(1, "a signed checkpoint vouches for ")
	p = serve(t, dir) // the running portal compares the same, and may have added to the log by now
	verify(1, "signed checkpoint")
	verify(1, "signed checkpoint", "--checkpoints", "checkpoints.txt")
	verify(1, "there is no "+filepath.Join(dir, "none.txt")+": name the file of signed checkpoints", "--checkpoints", "none.txt")
	p.stop()
	if err := os.WriteFile(filepath.Join(dir, "torn.txt"), []byte("habeas\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	verify(1, "torn.txt ends in the middle of a checkpoint", "--checkpoints", "torn.txt")
}

func TestABackupDoesNotNeedAConfigurationWithoutFaults(t *testing.T) {
	dir := install(t)
	if code, _, errs := ask(t, dir, "staff", "add", "--email", "a@harbour-home.example", "--name", "A", "--role", "admin"); code != 0 {
		t.Fatal(errs)
	}
	if err := os.WriteFile(filepath.Join(dir, "habeas.yaml"), []byte("nonsense: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := ask(t, dir, "backup", "copy.db"); code != 0 || !strings.Contains(out, "copy.db.keys") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	if code, _, errs := ask(t, dir, "audit", "verify"); code != 1 || !strings.Contains(errs, "nonsense") {
		t.Errorf("the audit log is compared with no checkpoint of a configuration that cannot be read: %d %s", code, errs)
	}
}
