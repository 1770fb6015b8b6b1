package sources_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"habeas/sources"
	"habeas/sources/sourcestest"
)

func TestAServerInTroubleFailsAloneAndSaysHow(t *testing.T) {
	onServers(t, testAServerInTroubleFailsAloneAndSaysHow)
}

func testAServerInTroubleFailsAloneAndSaysHow(t *testing.T) {
	lockTable := map[string][]string{"postgres": {"BEGIN", "LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE"}, "mysql": {"LOCK TABLES contacts WRITE"}}[engine(t)]
	slow := map[string]string{
		"postgres": `ALTER TABLE contacts RENAME TO old; CREATE VIEW contacts AS SELECT contact_id, customer_no, email, mood FROM old WHERE pg_sleep(30) IS NOT NULL`,
		"mysql":    `RENAME TABLE contacts TO old; CREATE VIEW contacts AS SELECT contact_id, customer_no, email, mood FROM old WHERE SLEEP(30) = 0`,
	}[engine(t)]
	type options = sources.Options
	for _, c := range []struct {
		why     string
		options options
		harm    func(t *testing.T, c sources.Config)
		reason  string
	}{
		{"a table is gone", options{}, func(t *testing.T, c sources.Config) { execute(t, c.DSN, `ALTER TABLE contacts RENAME TO kontakte`) }, "failed changed"},
		{"a column is gone", options{}, func(t *testing.T, c sources.Config) {
			execute(t, c.DSN, `ALTER TABLE contacts RENAME COLUMN contact_id TO cid`)
		}, "failed changed"},
		{"it is locked", options{Timeout: 4 * time.Second, LockWait: time.Second}, func(t *testing.T, c sources.Config) { holding(t, c.DSN, lockTable...) }, "failed busy"},
		{"it hangs", options{Timeout: 500 * time.Millisecond}, func(t *testing.T, c sources.Config) { execute(t, c.DSN, slow) }, "failed slow"},
	} {
		t.Run(c.why, func(t *testing.T) {
			configs := shopConfigs(t)
			set, err := sources.Open(t.Context(), configs, c.options)
			must(t, err)
			defer set.Close()
			before := person(t, set, "ann@example.com")
			c.harm(t, configs[1])
			start := time.Now()
			if got := state(t, set, before, "contacts"); got != c.reason {
				t.Errorf("known before: %s, want %s", got, c.reason)
			}
			if took := time.Since(start); took > 12*time.Second {
				t.Errorf("it took %s", took)
			}
			if got := state(t, set, before, "customers"); got != "ok 1" {
				t.Errorf("the other source is %s", got)
			}
			if c.reason == "failed slow" {
				gaveUp(t, configs[1].DSN)
			}
			_, _, err = set.Page(t.Context(), before, "crm", "contacts", "", 10)
			if !isTrouble(err) && c.reason != "failed slow" || err != nil && strings.Contains(err.Error(), "Ann") {
				t.Errorf("a page of it: %v", err)
			}
		})
	}
}

// gaveUp waits until the server itself has given up what nobody waits for any more.
func gaveUp(t *testing.T, dsn string) {
	t.Helper()
	db, err := sql.Open(driverOf(dsn), dsn)
	must(t, err)
	defer db.Close()
	count := map[string]string{
		"pgx":   `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND application_name = 'habeas'`,
		"mysql": `SELECT count(*) FROM information_schema.processlist WHERE db = database() AND command IN ('Query', 'Execute') AND id <> connection_id()`,
	}[driverOf(dsn)]
	n := 1
	for range 60 {
		must(t, db.QueryRow(count).Scan(&n))
		if n == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the server still works at %d statements", n)
}

func TestWhoMayNotReadIsToldSoAndNothingElse(t *testing.T) {
	onServers(t, testWhoMayNotReadIsToldSoAndNothingElse)
}

func testWhoMayNotReadIsToldSoAndNothingElse(t *testing.T) {
	configs := shopConfigs(t)
	admin := configs[1].DSN
	const password = "s3cret-Pass"
	grant, refuse, as := map[string]string{
		"postgres": `CREATE ROLE reader LOGIN PASSWORD 's3cret-Pass'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`,
		"mysql":    `CREATE USER reader IDENTIFIED BY 's3cret-Pass'; GRANT SELECT ON %[1]s.contacts TO reader; GRANT SELECT ON %[1]s.notes TO reader; GRANT SELECT ON %[1]s.reviews TO reader`,
	}[engine(t)], map[string]string{
		"postgres": `REVOKE SELECT ON contacts FROM reader`,
		"mysql":    `REVOKE SELECT ON %[1]s.contacts FROM reader`,
	}[engine(t)], func() string {
		if engine(t) == "postgres" {
			return strings.Replace(admin, "user=habeas", "user=reader", 1)
		}
		return strings.Replace(admin, "root@", "reader@", 1)
	}()
	if engine(t) == "mysql" {
		database, _, _ := strings.Cut(admin[strings.Index(admin, ")/")+2:], "?")
		grant, refuse = fmt.Sprintf(grant, database), fmt.Sprintf(refuse, database)
	}
	execute(t, admin, grant)
	t.Cleanup(func() {
		if engine(t) == "postgres" {
			execute(t, admin, "DROP OWNED BY reader")
			execute(t, admin, "DROP ROLE reader")
			return
		}
		execute(t, admin, "DROP USER reader")
	})
	configs[1].DSN, configs[1].Password = as, password
	set := open(t, configs...)
	p := person(t, set, "ann@example.com")
	if got := state(t, set, p, "contacts"); got != "ok 1" {
		t.Errorf("who may read: %s", got)
	}
	execute(t, admin, refuse)
	if got := state(t, set, p, "contacts"); got != "failed denied" {
		t.Errorf("who may not: %s", got)
	}
	if got := state(t, set, p, "notes"); got != "ok 1" {
		t.Errorf("what they may read all the same: %s", got)
	}
	anew := open(t, configs...)
	var said []string
	for _, f := range sources.Faults(anew.Check(t.Context())).Errors() {
		said = append(said, f.Message)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "does not let the portal in") || strings.Contains(all, password) {
		t.Errorf("check says %q", all)
	}
	if engine(t) == "mysql" { // over a socket PostgreSQL here trusts whoever asks
		configs[1].Password = "wrong-" + password
		m, err := open(t, configs...).Find(t.Context(), sources.Identity{Email: "ann@example.com"})
		if err != nil || len(m.Troubles) == 0 || m.Troubles[0].Kind != sources.Denied || strings.Contains(fmt.Sprint(m.Troubles), password) {
			t.Errorf("with a wrong password: %v, %v", m.Troubles, err)
		}
	}
}

func TestNoErrorRepeatsTheDSN(t *testing.T) {
	for driver, dsns := range map[string][]string{
		"postgres": {"postgres://u:s3cret@host:port/db", "host=x password=s3cret sslmode=nonsense", "postgres://u:s3cret@h/db?sslmode=no", "s3cret"},
		"mysql":    {"u:s3cret@tcp(host)/db?tls=unheard", "u:s3cret@host", "u:s3cret@tcp(host:1)/", "s3cret"},
	} {
		for _, dsn := range dsns {
			config := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)`, people)
			config.Driver, config.DSN = driver, dsn
			set, err := sources.Open(t.Context(), []sources.Config{config}, sources.Options{})
			if err == nil {
				set.Close()
				t.Errorf("%s opens %s", driver, dsn)
			} else if strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "dsn") {
				t.Errorf("%s: %v", driver, err)
			}
		}
	}
}

func TestConnectionsThatReadCannotWrite(t *testing.T) {
	onServers(t, testConnectionsThatReadCannotWrite)
}

// A view calls a function that writes: the database itself refuses it.
func testConnectionsThatReadCannotWrite(t *testing.T) {
	config := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(50), name VARCHAR(50)); CREATE TABLE seen (at INTEGER); INSERT INTO people VALUES (1, 'a@example.com', 'Ada')`, people+`
          - {name: name, habeas_meta: {editable: ask}}
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person, fides_meta: {references: [{dataset: one, field: people.id, direction: from}]}}
`)
	execute(t, config.DSN, map[string]string{
		"postgres": `CREATE FUNCTION spy() RETURNS integer LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (1); RETURN 1; END'; CREATE VIEW visits AS SELECT spy() AS id, 1 AS person`,
		"mysql":    `CREATE FUNCTION spy() RETURNS INTEGER MODIFIES SQL DATA BEGIN INSERT INTO seen VALUES (1); RETURN 1; END; CREATE VIEW visits AS SELECT spy() AS id, 1 AS person`,
	}[engine(t)])
	set := open(t, config)
	if got := state(t, set, person(t, set, "a@example.com"), "visits"); got != "failed denied" {
		t.Errorf("visits are %s", got)
	}
	execute(t, config.DSN, map[string]string{
		"postgres": `DO 'BEGIN IF EXISTS (SELECT 1 FROM seen) THEN RAISE EXCEPTION ''it wrote''; END IF; END'`,
		"mysql":    `BEGIN NOT ATOMIC IF EXISTS (SELECT 1 FROM seen) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'it wrote'; END IF; END`,
	}[engine(t)])
}

func TestAServerThatStopsIsDownAndComesBack(t *testing.T) {
	onServers(t, testAServerThatStopsIsDownAndComesBack)
}

func testAServerThatStopsIsDownAndComesBack(t *testing.T) {
	config := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'a@example.com')`, people)
	set := open(t, config)
	p := person(t, set, "a@example.com")
	s := sourcestest.Running(t, engine(t))
	s.Stop(map[string]syscall.Signal{"pgx": syscall.SIGINT, "mysql": syscall.SIGTERM}[s.Driver])
	if got := state(t, set, p, "people"); got != "failed down" {
		t.Errorf("stopped it is %s", got)
	}
	must(t, s.Start())
	var said []string
	for range 5 {
		said = append(said, state(t, set, p, "people"))
	}
	if slices.ContainsFunc(said, func(s string) bool { return s != "ok 1" }) {
		t.Errorf("back up it is %s", said)
	}
}

func TestAPoolNeverStarvesTheSource(t *testing.T) { onServers(t, testAPoolNeverStarvesTheSource) }

func testAPoolNeverStarvesTheSource(t *testing.T) {
	config := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'a@example.com')`, people)
	set := open(t, config)
	done := make(chan string)
	for range 40 {
		go func() {
			m, err := set.Find(t.Context(), sources.Identity{Email: "a@example.com"})
			done <- fmt.Sprint(m.Person.Seeds(), err)
		}()
	}
	for range 40 {
		if got := <-done; got != "1 <nil>" {
			t.Errorf("found %s", got)
		}
	}
	execute(t, config.DSN, map[string]string{
		"postgres": `DO 'BEGIN IF (SELECT count(*) FROM pg_stat_activity WHERE application_name = ''habeas'' AND datname = current_database()) > 4 THEN RAISE EXCEPTION ''too many''; END IF; END'`,
		"mysql":    `BEGIN NOT ATOMIC IF (SELECT count(*) FROM information_schema.processlist WHERE db = database()) > 5 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too many'; END IF; END`,
	}[engine(t)])
}
