package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
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

// The tests below run habeas as a process of its own: this binary is it, when asked to be.
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
