// Package sourcestest starts the database servers that tests of sources need: once a test binary, on private sockets, with
// their data in memory where there is room. It is imported by tests only.
package sourcestest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // drives PostgreSQL
	_ "modernc.org/sqlite"             // drives SQLite
)

// Main runs the tests of a package and ends the servers that they started. It is for TestMain.
func Main(m *testing.M) {
	_ = mysql.SetLogger(&mysql.NopLogger{})
	code := m.Run()
	for _, s := range servers {
		s.Stop(syscall.SIGKILL) // nobody wants its data
		if s.dir != "" {
			os.RemoveAll(s.dir)
		}
	}
	os.Exit(code)
}

// Server is a database server that the tests start themselves, once and only if one is asked for, on a private socket.
type Server struct {
	name    string
	find    func() (string, error)                                             // its program
	prepare func(s *Server, run func(name string, args ...string) error) error // makes its data
	flags   func(s *Server) []string
	admin   func(s *Server, database string) string // DSN of who may do everything
	Driver  string                                  // of database/sql

	once    sync.Once
	err     error
	dir     string
	program string
	process *exec.Cmd
	count   atomic.Int64
}

var servers = map[string]*Server{
	"postgres": {
		name: "postgresql", Driver: "pgx", find: findPostgres,
		prepare: func(s *Server, run func(string, ...string) error) error {
			return run(filepath.Join(filepath.Dir(s.program), "initdb"), "-D", s.dir+"/data", "-U", "habeas", "-A", "trust", "-E", "UTF8", "-N",
				"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und")
		},
		flags: func(s *Server) []string {
			return []string{"-D", s.dir + "/data", "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off",
				"-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "autovacuum=off", "-c", "unix_socket_permissions=0777"}
		},
		admin: func(s *Server, database string) string {
			if database == "" {
				database = "postgres"
			}
			return "host=" + s.dir + " user=habeas dbname=" + database
		},
	},
	"mysql": {
		name: "mariadb-server", Driver: "mysql", find: func() (string, error) { return findProgram("mariadbd", "/usr/sbin", "/usr/libexec") },
		prepare: func(s *Server, run func(string, ...string) error) error {
			install, err := findProgram("mariadb-install-db", "/usr/bin")
			if err != nil {
				return err
			}
			return run(install, "--no-defaults", "--datadir="+s.dir+"/data", "--auth-root-authentication-method=normal", "--skip-test-db")
		},
		flags: func(s *Server) []string {
			return []string{"--no-defaults", "--datadir=" + s.dir + "/data", "--socket=" + s.dir + "/s.sock", "--pid-file=" + s.dir + "/pid", "--skip-networking",
				"--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"}
		},
		admin: func(s *Server, database string) string {
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

// Running returns the server of that name ("postgres" or "mysql"), started if it was not, and fails the test without one.
func Running(t testing.TB, name string) *Server {
	t.Helper()
	s := servers[name]
	s.once.Do(func() { s.err = s.begin() })
	if s.err != nil {
		t.Fatalf("%s does not start: %v (.ci/tools installs it, as make test does)", s.name, s.err)
	}
	return s
}

func (s *Server) begin() (err error) {
	if s.program, err = s.find(); err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp(roomy(), "habeas-"+s.Driver+"-"); err != nil {
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
	return s.Start()
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
func (s *Server) own(dir string) error {
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

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: other(), Setpgid: true}
	return cmd
}

// Start runs the server again after Stop, and waits until it answers.
func (s *Server) Start() error {
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
	db, err := sql.Open(s.Driver, s.admin(s, ""))
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

// Stop ends the server; its data stays.
func (s *Server) Stop(signal syscall.Signal) {
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

// Database makes a database that goes with the test, fills it, and returns its DSN.
func (s *Server) Database(t testing.TB, schema string) string {
	t.Helper()
	name := fmt.Sprintf("t%d", s.count.Add(1))
	s.do(t, "", "CREATE DATABASE "+name)
	t.Cleanup(func() {
		force := ""
		if s.Driver == "pgx" {
			force = " WITH (FORCE)"
		}
		s.do(t, "", "DROP DATABASE "+name+force)
	})
	if s.Driver == "pgx" { // whole numbers are truth values to SQLite and MySQL
		s.do(t, name, `UPDATE pg_cast SET castcontext = 'a' WHERE castsource = 'int4'::regtype AND casttarget = 'bool'::regtype;
			CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`)
	}
	s.do(t, name, schema)
	return s.admin(s, name)
}

func (s *Server) do(t testing.TB, database, text string) {
	t.Helper()
	Run(t, s.Driver, s.admin(s, database), text)
}

// Run executes statements against a database.
func Run(t testing.TB, driver, dsn, text string, args ...any) {
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

// Rows returns the rows of a query, each value as text and "-" for none.
func Rows(t testing.TB, driver, dsn, query string) (out [][]string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), query)
	if err != nil {
		t.Fatalf("%v in %.600s", err, query)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = "-"
			if v.Valid {
				row[i] = v.String
			}
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
