package main

import (
	"database/sql"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

func TestEveryCommandTellsWrongUseFromFailure(t *testing.T) {
	empty := t.TempDir()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	file := filepath.Join(empty, "file")
	if err := os.WriteFile(file, []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := install(t)
	for _, row := range []struct {
		why  string
		dir  string
		args string
		code int
		want string // in one line on stderr, or in stdout where the code is 0
	}{
		{"no command", empty, "", 2, `expected one of "serve"`},
		{"an unknown command", empty, "sevre", 2, `unexpected argument sevre`},
		{"an unknown flag", empty, "serve --port 80", 2, "unknown flag --port"},
		{"a missing argument", empty, "backup", 2, `expected "<file>"`},
		{"help", empty, "--help", 0, "Usage: habeas <command>"},
		{"the version", empty, "--version", 0, "habeas devel go1."},
		{"a deadline", empty, "deadline eu_gdpr 2026-01-31 --kind response", 0, "2026-03-02"},
		{"a deadline of no law", empty, "deadline mars 2026-01-31", 2, `unknown regime "mars"`},
		{"serving without a configuration", empty, "serve", 1, "there is no habeas.yaml here: name the configuration with --config FILE, or try habeas serve --demo"},
		{"serving with one that is not there", empty, "serve --config none.yaml", 1, "none.yaml:1: the configuration cannot be read"},
		{"an address that is none", good, "serve --addr 8080", 2, `--addr "8080": write it as HOST:PORT`},
		{"a port in use", good, "serve --addr " + busy.Addr().String(), 1, " is in use: stop what listens there, or choose another with --addr"},
		{"a data directory that is a file", good, "serve --addr 127.0.0.1:0 --data " + file, 1, " is not a directory: name another with --data"},
		{"the demo for everybody", empty, "serve --demo --addr 0.0.0.0:8080", 2, "it only listens on this machine"},
		{"the demo on every address", empty, "serve --demo --addr :8080", 2, "it only listens on this machine"},
		{"the demo with mail of a real server", good, "serve --demo --config habeas.yaml", 2, "keeps its mail in memory: leave out --config"},
		{"the demo on somebody's data", good, "serve --demo --addr 127.0.0.1:0 --data .", 1, "holds data that no demo made: name an empty directory with --data"},
		{"an unknown role", good, "staff add --email a@b.example --name A --role boss", 2, "--role must be one of"},
		{"a mailbox that is none", good, "staff add --email nobody --name A --role admin", 2, "--email: "},
		{"somebody unknown", good, "staff disable nobody@example.com", 1, "nobody@example.com is not on the team: see habeas staff list"},
		{"nobody yet", good, "staff list", 0, "Nobody yet."},
		{"a backup of nothing", empty, "backup copy.db", 1, "there is no database in data: name the data directory with --data"},
		{"an audit of nothing", empty, "audit verify", 1, "there is no database in data: name the data directory with --data"},
		{"an empty audit log", good, "audit verify", 0, "ok: 0 entries, root "},
		{"an audit log without a checkpoint file", good, "audit verify", 0, "an older copy of the whole database would pass, too"},
		{"restoring over a database", good, "restore habeas.yaml", 1, "holds a database already: restore into an empty data directory, named with --data"},
		{"restoring without a key", good, "restore habeas.yaml --data fresh", 1, "is missing: put the key of the backup there, or name it in HABEAS_KEY_FILE"},
		{"restoring without the keys of the people", good, "restore habeas.yaml --data fresh --key-file data/habeas.key", 1, "habeas.yaml.keys: name the newest copy of the keys with --keys"},
		{"restoring what is no backup", good, "restore habeas.yaml --keys habeas.yaml --data fresh --key-file data/habeas.key", 1, "habeas.yaml: not a backup of habeas: name the file that habeas backup wrote"},
	} {
		code, out, errs := ask(t, row.dir, strings.Fields(row.args)...)
		if code != row.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", row.why, code, row.code, out, errs)
			continue
		}
		said := errs
		if code == 0 {
			said = out
		} else if strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: not one line on stderr:\n%s", row.why, errs)
		}
		if !strings.Contains(said, row.want) {
			t.Errorf("%s: it says\n%s\nwant %s", row.why, said, row.want)
		}
	}
}

func TestFlagsAreReadFromTheEnvironment(t *testing.T) {
	dir := install(t)
	c := habeas(t, t.TempDir(), "check")
	c.Env = append(c.Env, "HABEAS_CONFIG="+filepath.Join(dir, "habeas.yaml"))
	if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "ok  source warehouse") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSecretsComeFromTheEnvironmentOrAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("from the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ why, value, file, want, fault string }{
		{"unset", "", "", "", ""},
		{"in the environment", "plain", "", "plain", ""},
		{"in a file, without its last line end", "", file, "from the file", ""},
		{"in both", "plain", file, "", "HABEAS_TEST_TOKEN and HABEAS_TEST_TOKEN_FILE are both set: unset one"},
		{"in a file that is not there", "", file + "x", "", "HABEAS_TEST_TOKEN_FILE cannot be read"},
	} {
		t.Setenv("HABEAS_TEST_TOKEN", row.value)
		t.Setenv("HABEAS_TEST_TOKEN_FILE", row.file)
		got, err := secret("HABEAS_TEST_TOKEN")
		if got != row.want || (err == nil) != (row.fault == "") || err != nil && !strings.Contains(err.Error(), row.fault) {
			t.Errorf("%s: %q, %v", row.why, got, err)
		}
	}
}

func TestCheckNamesFileAndLineOfEveryFault(t *testing.T) {
	for _, row := range []struct{ why, old, new, want string }{
		{"a table that is not there", "- name: visits", "- name: visitors", `has no table "visitors"`},
		{"a column that is not there", "- name: seconds", "- name: minutes", "minutes"},
		{"a category that is not there", "[user.demographic.date_of_birth]", "[user.birthday]", `unknown data category "user.birthday"`},
		{"a dangling reference", "field: support_tickets.id", "field: tickets.id", `has no collection "tickets"`},
		{"a source that is not there", `"file:shop.db"`, `"file:none.db"`, "source shop: cannot be opened"},
	} {
		dir := install(t, row.old, row.new)
		code, out, errs := ask(t, dir, "check")
		line := regexp.MustCompile(`(?m)^.*\.yml:\d+: .*` + regexp.QuoteMeta(row.want))
		if code != 1 || !line.MatchString(out+errs) {
			t.Errorf("%s: exit code %d\n%s%s", row.why, code, out, errs)
		}
	}
}

func TestServeStopsProperlyAndStartsAgain(t *testing.T) {
	dir := install(t, "cooling_off: 72h", "cooling_off: 72h\naudit: {checkpoints: {file: proof/checkpoints.txt}}")
	if err := os.Mkdir(filepath.Join(dir, "proof"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p := serve(t, dir)
		answer, err := http.Get(p.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusOK {
			t.Errorf("ready, but /readyz says %d", answer.StatusCode)
		}
		p.stop()
		for _, want := range []string{`"msg":"ready"`, `"msg":"stopping"`, `"msg":"stopped"`} {
			if !strings.Contains(p.errs.String(), want) {
				t.Errorf("the log lacks %s:\n%s", want, p.errs.String())
			}
		}
	}
	proof, err := os.ReadFile(filepath.Join(dir, "proof", "checkpoints.txt"))
	if err != nil || strings.Count(string(proof), "habeas\n0\n") != 1 {
		t.Errorf("a log that did not grow is signed once: %v\n%s", err, proof)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "habeas.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the control socket is still there: %v", err)
	}
}

func TestServeRefusesADirectoryThatIsServed(t *testing.T) {
	dir := install(t)
	p := serve(t, dir)
	code, _, errs := ask(t, dir, "serve", "--addr", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, "another habeas is using data: stop it first, or give this one its own data directory") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	p.stop()
}

func TestServeRefusesANewerDatabase(t *testing.T) {
	dir := install(t)
	serve(t, dir).stop()
	db, err := sql.Open("sqlite", filepath.Join(dir, "data", "habeas.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, _, errs := ask(t, dir, "serve", "--addr", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, "is of version 9000 and this habeas knows") || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestServeDoesWithoutAControlSocketWhereItsPathIsTooLong(t *testing.T) {
	dir := install(t)
	long := filepath.Join(dir, strings.Repeat("d", 120))
	p := serve(t, dir, "--data", long)
	code, _, errs := ask(t, dir, "staff", "list", "--data", long)
	if code != 1 || !strings.Contains(errs, "stop it first") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	p.stop()
	if !strings.Contains(p.errs.String(), "no control socket: staff, backup and audit commands need the portal stopped") {
		t.Errorf("the log says nothing of it:\n%s", p.errs.String())
	}
}

func TestCheckMissesAMailPasswordBeforeTheFirstLetterDoes(t *testing.T) {
	dir := install(t, `url: "spool:"`, "url: smtp://portal@mail.example.com:587")
	c := habeas(t, dir, "check")
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "set the password by HABEAS_MAIL_PASSWORD or its _FILE form") {
		t.Errorf("%v\n%s", err, out)
	}
	c = habeas(t, dir, "check")
	c.Env = append(c.Env, "HABEAS_MAIL_PASSWORD=secret")
	if out, err = c.CombinedOutput(); err != nil || !strings.Contains(string(out), "ok  mail") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestServeStartsWhileASourceIsDown(t *testing.T) {
	dir := install(t)
	if err := os.Remove(filepath.Join(dir, "warehouse.db")); err != nil {
		t.Fatal(err)
	}
	serve(t, dir).stop()
}
