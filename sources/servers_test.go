package sources_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"

	"habeas/sources"
)

// engines are the databases that tests of sources run on. A subtest names its engine in its path.
var engines = []string{"sqlite", "postgres", "mysql"}

// everywhere runs a test on every engine.
func everywhere(t *testing.T, test func(*testing.T)) {
	t.Helper()
	for _, name := range engines {
		t.Run(name, test)
	}
}

// engine returns the engine of a test: the one in its path, SQLite for a test of its own.
func engine(t testing.TB) string {
	for _, part := range strings.Split(t.Name(), "/") {
		if slices.Contains(engines, part) || part == "snapshot" {
			return part
		}
	}
	return "sqlite"
}

// server is a database server that the tests start themselves, once and only if one is asked for, on a private socket.
type server struct {
	name    string
	find    func() (string, error)                                             // its program
	prepare func(s *server, run func(name string, args ...string) error) error // makes its data
	flags   func(s *server) []string
	admin   func(s *server, database string) string // DSN of who may do everything
	driver  string                                  // of database/sql

	once    sync.Once
	err     error
	missing bool
	dir     string
	program string
	process *exec.Cmd
	count   atomic.Int64
}

var servers = map[string]*server{
	"postgres": {
		name: "postgresql", driver: "pgx", find: findPostgres,
		prepare: func(s *server, run func(string, ...string) error) error {
			return run(filepath.Join(filepath.Dir(s.program), "initdb"), "-D", s.dir+"/data", "-U", "habeas", "-A", "trust", "-E", "UTF8", "-N",
				"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und")
		},
		flags: func(s *server) []string {
			return []string{"-D", s.dir + "/data", "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off",
				"-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "autovacuum=off", "-c", "unix_socket_permissions=0777"}
		},
		admin: func(s *server, database string) string {
			if database == "" {
				database = "postgres"
			}
			return "host=" + s.dir + " user=habeas dbname=" + database
		},
	},
	"mysql": {
		name: "mariadb-server", driver: "mysql", find: func() (string, error) { return findProgram("mariadbd", "/usr/sbin", "/usr/libexec") },
		prepare: func(s *server, run func(string, ...string) error) error {
			install, err := findProgram("mariadb-install-db", "/usr/bin")
			if err != nil {
				return err
			}
			return run(install, "--no-defaults", "--datadir="+s.dir+"/data", "--auth-root-authentication-method=normal", "--skip-test-db")
		},
		flags: func(s *server) []string {
			return []string{"--no-defaults", "--datadir=" + s.dir + "/data", "--socket=" + s.dir + "/s.sock", "--pid-file=" + s.dir + "/pid", "--skip-networking",
				"--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"}
		},
		admin: func(s *server, database string) string {
			return "root@unix(" + s.dir + "/s.sock)/" + database + "?multiStatements=true"
		},
	},
}

func findPostgres() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err == nil && len(found) > 0 {
		return found[len(found)-1], nil
	}
	return findProgram("postgres", "/usr/local/bin", "/usr/local/pgsql/bin")
}

func findProgram(name string, places ...string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range places {
		if path := filepath.Join(dir, name); exec.Command(path, "--version").Run() == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

func TestMain(m *testing.M) {
	_ = mysql.SetLogger(&mysql.NopLogger{})
	code := m.Run()
	for _, s := range servers {
		s.stop(syscall.SIGKILL) // nobody wants its data
		if s.dir != "" {
			os.RemoveAll(s.dir)
		}
	}
	os.Exit(code)
}

// running starts the server if it is not, and fails or skips the test without one.
func running(t testing.TB, name string) *server {
	t.Helper()
	s := servers[name]
	s.once.Do(func() { s.err = s.begin() })
	switch {
	case s.err == nil:
	case s.missing && os.Getenv("CI") == "":
		t.Skipf("%v: install %s to run this test", s.err, s.name)
	default:
		t.Fatalf("%s does not start: %v (.ci/tools installs it)", s.name, s.err)
	}
	return s
}

func (s *server) begin() (err error) {
	if s.program, err = s.find(); err != nil {
		s.missing = true
		return err
	}
	if s.dir, err = os.MkdirTemp(roomy(), "habeas-"+s.driver+"-"); err != nil {
		return err
	}
	if err := s.own(s.dir); err != nil {
		return err
	}
	err = s.prepare(s, func(name string, args ...string) error {
		out, err := s.command(name, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.start()
}

// roomy is a place in memory for the data of a server, which is made and dropped a hundred times; "" where there is too
// little.
func roomy() string {
	var free syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &free); err != nil || free.Bavail*uint64(free.Bsize) < 4<<30 {
		return ""
	}
	return "/dev/shm"
}

// own gives a directory to who the server runs as: servers refuse to be root.
func (s *server) own(dir string) error {
	if id := other(); id != nil {
		return os.Chown(dir, int(id.Uid), int(id.Gid))
	}
	return nil
}

// other is whom to be instead of root, nil for who we are.
func other() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	who, err := user.Lookup("nobody")
	if err != nil {
		return nil
	}
	uid, _ := strconv.ParseUint(who.Uid, 10, 32)
	gid, _ := strconv.ParseUint(who.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: other(), Setpgid: true}
	return cmd
}

// start runs the server and waits until it answers.
func (s *server) start() error {
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s.process = s.command(s.program, s.flags(s)...)
	s.process.Stdout, s.process.Stderr = log, log
	s.process.SysProcAttr.Pdeathsig = syscall.SIGKILL // a test that is killed leaves no server behind
	started := make(chan error)
	go func() { // the signal comes when this thread ends, so that it has to stay
		runtime.LockOSThread()
		started <- s.process.Start()
		select {}
	}()
	if err := <-started; err != nil {
		return err
	}
	db, err := sql.Open(s.driver, s.admin(s, ""))
	if err != nil {
		return err
	}
	defer db.Close()
	for range 300 {
		if err = db.Ping(); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, _ := os.ReadFile(log.Name())
	return fmt.Errorf("it does not answer: %w: %s", err, text)
}

// stop ends the server; its data stays.
func (s *server) stop(signal syscall.Signal) {
	if s.process == nil {
		return
	}
	pid := s.process.Process.Pid
	if signal == syscall.SIGKILL {
		pid = -pid // PostgreSQL is many processes
	}
	_ = syscall.Kill(pid, signal)
	_ = s.process.Wait()
	s.process = nil
}

// database makes a database that goes with the test, fills it, and returns its DSN.
func (s *server) database(t testing.TB, schema string) string {
	t.Helper()
	name := fmt.Sprintf("t%d", s.count.Add(1))
	s.do(t, "", "CREATE DATABASE "+name)
	t.Cleanup(func() {
		force := ""
		if s.driver == "pgx" {
			force = " WITH (FORCE)"
		}
		s.do(t, "", "DROP DATABASE "+name+force)
	})
	if s.driver == "pgx" { // whole numbers are truth values to SQLite and MySQL
		s.do(t, name, `UPDATE pg_cast SET castcontext = 'a' WHERE castsource = 'int4'::regtype AND casttarget = 'bool'::regtype;
			CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`)
	}
	s.do(t, name, translate(s.driver, schema))
	return s.admin(s, name)
}

func (s *server) do(t testing.TB, database, text string) {
	t.Helper()
	run(t, s.driver, s.admin(s, database), text)
}

func run(t testing.TB, driver, dsn, text string, args ...any) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), text, args...); err != nil {
		t.Fatalf("%v in %.600s", err, text)
	}
}

// driverOf says which engine a DSN of these tests is of.
func driverOf(dsn string) string {
	switch {
	case strings.HasPrefix(dsn, "host="):
		return "pgx"
	case strings.Contains(dsn, "@unix("):
		return "mysql"
	}
	return "sqlite"
}

// translate writes the tests' SQL, which is SQLite's, for another engine.
func translate(driver, text string) string {
	for _, r := range translations[driver] {
		text = r.from.ReplaceAllString(text, r.to)
	}
	return text
}

type translation struct {
	from *regexp.Regexp
	to   string
}

func rules(pairs ...string) []translation {
	var out []translation
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, translation{regexp.MustCompile(pairs[i]), pairs[i+1]})
	}
	return out
}

var translations = map[string][]translation{
	"pgx": rules(
		`'Name-Bad' \|\| x'80'`, `'Name-Bad`+"\uFFFD"+`'`, // neither has text that is not UTF-8
		`\) WITHOUT ROWID`, `)`,
		`PRIMARY KEY \(cart_no, slot\)`, `UNIQUE (cart_no, slot)`, // parts of a primary key are never empty
		`\bid INTEGER PRIMARY KEY\b`, `id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY`,
		`\bBLOB\b`, `BYTEA`, `\bDATETIME\b`, `TIMESTAMP`, `x'([0-9a-f]*)'`, `'\x$1'`,
		`COLLATE NOCASE`, `COLLATE nocase`,
		`account_id INTEGER, body`, `account_id VARCHAR(20), body`, // no column of numbers has an empty text
		`bare \(id, customer, account, body\)`, `bare (id INTEGER, customer CHAR(5), account VARCHAR(20), body TEXT)`,
		`hex\(zeroblob\((\d+)\)\)`, `repeat('00', $1)`,
	),
	"mysql": rules(
		`'Name-Bad' \|\| x'80'`, `'Name-Bad`+"\uFFFD"+`'`,
		`\) WITHOUT ROWID`, `)`,
		`PRIMARY KEY \(cart_no, slot\)`, `UNIQUE (cart_no, slot)`,
		`\bid INTEGER PRIMARY KEY\b`, `id INTEGER PRIMARY KEY AUTO_INCREMENT`,
		`\bid TEXT PRIMARY KEY`, `id VARCHAR(100) COLLATE utf8mb4_bin PRIMARY KEY`, `\bTEXT PRIMARY KEY`, `VARCHAR(100) PRIMARY KEY`, `\b(cart_no|slot|sku|number) TEXT`, `$1 VARCHAR(100)`,
		`\b(TABLE|INTO) (lines|words)\b`, "$1 `$2`", // reserved
		`\bnote TEXT\b`, `note LONGTEXT`,
		`account_id INTEGER, body`, `account_id VARCHAR(20), body`,
		`bare \(id, customer, account, body\)`, `bare (id INTEGER, customer CHAR(5), account VARCHAR(20), body TEXT)`,
		`COLLATE NOCASE`, ``, // every collation of these is
		`hex\(zeroblob\((\d+)\)\)`, `repeat('00', $1)`,
	),
}

// serverSource makes a database on a server and its map, and returns the configuration of both.
func serverSource(t testing.TB, name, key, schema, datamap string) sources.Config {
	t.Helper()
	s := running(t, name)
	yml := filepath.Join(t.TempDir(), key+".yml")
	if err := os.WriteFile(yml, []byte(datamap), 0o600); err != nil {
		t.Fatal(err)
	}
	return sources.Config{Key: key, Driver: name, DSN: s.database(t, schema), Dataset: yml}
}

// holding keeps a transaction open in which somebody else did something, until the test ends.
func holding(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open(driverOf(dsn), dsn)
	must(t, err)
	conn, err := db.Conn(t.Context())
	must(t, err)
	for _, statement := range statements {
		_, err := conn.ExecContext(t.Context(), statement)
		must(t, err)
	}
	t.Cleanup(func() { must(t, errors.Join(conn.Close(), db.Close())) })
}
