package handlers_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
)

// asNobody runs the test again as a user whom files can be forbidden to, where root runs it. It reports whether it did.
func asNobody(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return false
	}
	dir, err := os.MkdirTemp("", "nobody") // under /tmp: the directories of the tests are root's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	const nobody = 65534
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	again := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	return true
}

// faulted is a portal with one trouble at a time.
type faulted struct {
	*site
	shop string
}

// behind lets the shop answer out of a view of its own, whose condition or bound makes the trouble.
func behind(rest string) func(*faulted) func() {
	return func(f *faulted) func() {
		f.execute("ALTER TABLE customers RENAME TO clients")
		f.execute("CREATE VIEW customers AS SELECT * FROM clients c " + rest)
		return func() {
			f.execute("DROP VIEW customers")
			f.execute("ALTER TABLE clients RENAME TO customers")
		}
	}
}

// faults are what can happen to a source. Each brings its trouble and takes it away again.
var faults = map[string]func(*faulted) (mend func()){
	"down": func(f *faulted) func() {
		f.must(os.Rename(f.shop, f.shop+".away"))
		return func() { f.must(os.Rename(f.shop+".away", f.shop)) }
	},
	"denied": func(f *faulted) func() {
		f.must(os.Chmod(f.shop, 0))
		f.forget()
		return func() { f.must(os.Chmod(f.shop, 0o600)) }
	},
	"changed": func(f *faulted) func() {
		f.execute("ALTER TABLE customers RENAME TO clients")
		return func() { f.execute("ALTER TABLE clients RENAME TO customers") }
	},
	"slow": behind("WHERE (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000) SELECT max(i) FROM n) > 0"),
	"large": func(f *faulted) func() {
		phone := f.cell("SELECT phone FROM customers WHERE id = 1")
		f.execute("UPDATE customers SET phone = hex(zeroblob(9000000)) WHERE id = 1") // 18 MB in one cell
		return func() { f.execute("UPDATE customers SET phone = '" + phone + "' WHERE id = 1") }
	},
	"broken":             behind("WHERE json_extract('{', '$') IS NULL"), // malformed JSON
	"refused on reading": behind("LIMIT 'all'"),                          // datatype mismatch: nobody brought a value, so nobody is told to look at theirs
	"busy": func(f *faulted) func() {
		db, err := sql.Open("sqlite", f.shop)
		f.must(err)
		lock, err := db.Conn(context.Background())
		f.must(err)
		_, err = lock.ExecContext(context.Background(), "PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE")
		f.must(err)
		return func() {
			_, err := lock.ExecContext(context.Background(), "ROLLBACK")
			f.must(errors.Join(err, lock.Close(), db.Close()))
		}
	},
}

// forget makes the portal open the shop anew: what is open already stays readable, whatever becomes of the file.
func (f *faulted) forget() {
	f.must(os.Rename(f.shop, f.shop+".old"))
	body, err := os.ReadFile(f.shop + ".old")
	if errors.Is(err, os.ErrPermission) {
		f.must(os.Chmod(f.shop+".old", 0o600))
		body, err = os.ReadFile(f.shop + ".old")
	}
	f.must(err)
	f.must(os.WriteFile(f.shop, body, 0))
	f.must(os.Remove(f.shop + ".old"))
}

// Each fault of a source, on every page that meets it: what it answers, in words that say what to do, and nothing of what
// was typed is lost.
func TestEveryFaultHasItsPage(t *testing.T) {
	if asNobody(t) {
		return
	}
	f := &faulted{}
	f.site = newPortal(t, mapping(t, sources.Options{Timeout: 400 * time.Millisecond, LockWait: 100 * time.Millisecond}, &f.shop))
	person, officer := f.customer(marta), f.staff(rights.RoleOfficer)
	ref := person.ask(rights.Objection, "Stop.")
	desk := "/staff/requests/" + ref
	correction := []string{"source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", f.cell("SELECT phone FROM customers WHERE id = 1"), "value", "0151 777", "reason", "A new one"}
	at := "/correct?source=shop&collection=customers&id=1&field=phone"
	person.get(at).want(t, http.StatusOK)
	record := between(t, officer.get(desk+"/data/shop/customers").want(t, http.StatusOK).Body, `name="id" value="`, `"`)
	reveal := []string{"source", "shop", "collection", "customers", "id", record, "field", "phone", "reason", "other", "words", "They called about it"}

	words := map[string]struct{ page, title, desk, zh string }{
		"down":               {"cannot be reached", "Our shop is not answering", "whether it runs", "无法连接"},
		"slow":               {"too long to answer", "Our shop takes too long to answer", "its indexes", "响应超时"},
		"busy":               {"locked", "Our shop is busy for a moment", "holds a lock", "正在写入其他数据"},
		"changed":            {"has been rebuilt", "Our shop has been rebuilt", "run habeas check", "结构"},
		"denied":             {"privacy cent", "Our shop does not let us in", "user, password and grants", "权限"},
		"large":              {"more than a page can show", "Our shop holds too much for one page", "answer this part by hand", "超出页面可显示的范围"},
		"broken":             {"reports a fault of its own", "Our shop reports a fault", "run habeas check", "发生故障"},
		"refused on reading": {"reports a fault of its own", "Our shop reports a fault", "run habeas check", "发生故障"},
	}
	for kind, break_ := range faults {
		t.Run(kind, func(t *testing.T) {
			f.t = t
			mend := break_(f)
			said := words[kind]
			person.get("/data").want(t, http.StatusOK).says(t, "Our shop could not be read", said.page, "Paper archive")
			person.get("/data/shop/customers").want(t, http.StatusServiceUnavailable).says(t, "Our shop could not be read", said.page).hides(t, "0 records")
			person.get(at).want(t, http.StatusServiceUnavailable).says(t, said.title, "Try again").holds(t, `href="/correct?source=shop`)
			person.post("/correct", correction...).want(t, http.StatusServiceUnavailable).
				says(t, said.title, "What you typed is kept", "0151 777", "A new one").holds(t, `action="/correct"`, `name="value" value="0151 777"`, `name="old"`)
			preview := person.get("/erase").want(t, http.StatusOK).says(t, "by hand, by Archive")
			person.get("/export").want(t, http.StatusOK)
			officer.get(desk).want(t, http.StatusOK).says(t, ref)
			overview := officer.get(desk+"/data").want(t, http.StatusOK)
			if kind == "large" { // what no page can carry can be counted all the same
				preview.says(t, "Your account 1 record")
				overview.says(t, "Your account 1 record")
			} else {
				preview.says(t, "cannot be asked right now; erased all the same")
				overview.says(t, "Our shop could not be read", said.desk)
			}
			officer.get(desk+"/data/shop/customers").want(t, http.StatusServiceUnavailable).says(t, said.desk)
			officer.post(desk+"/reveal", reveal...).want(t, http.StatusServiceUnavailable).says(t, said.title, said.desk, "They called about it").
				holds(t, `action="`+desk+`/reveal"`)
			person.language, officer.language = "zh-CN", "zh-CN"
			person.get("/data").want(t, http.StatusOK).says(t, said.zh)
			person.post("/correct", correction...).want(t, http.StatusServiceUnavailable).says(t, "您填写的内容已保留", "0151 777")
			officer.get(desk+"/data/shop/customers").want(t, http.StatusServiceUnavailable).says(t, "请技术人员")
			person.language, officer.language = "en", "en"
			mend()
			person.get(at).want(t, http.StatusOK)
			f.clock.Advance(10 * time.Second)
		})
	}
	f.t = t
	// What the shop's own rules refuse is nothing that the person did wrong: it is left to people, and they read so.
	f.execute("CREATE TRIGGER no_mobiles BEFORE UPDATE ON customers WHEN new.phone LIKE '0151%' BEGIN SELECT RAISE(ABORT, 'no mobiles'); END")
	refused := person.post("/correct", append(correction, "confirm", "yes")...).want(t, http.StatusSeeOther).Location()
	person.get(refused).want(t, http.StatusOK).says(t, "Request for correction received")
	left := "/requests/" + between(t, refused, "/requests/", "/")
	person.get(left).want(t, http.StatusOK).says(t, "could not be written yet; the privacy team takes over")
	f.clock.Advance(10 * time.Second)
	desk = "/staff" + left
	officer.post(desk+"/accept", "version", between(t, officer.get(desk).Body, `name="version" value="`, `"`), "confirm", "yes").want(t, http.StatusUnprocessableEntity).
		says(t, "The source did not take the new value. Nothing was changed")
	f.execute("DROP TRIGGER no_mobiles")
	person.post("/correct", append(correction, "confirm", "yes")...).want(t, http.StatusSeeOther) // what was kept can be sent
	if got := f.cell("SELECT phone FROM customers WHERE id = 1"); got != "0151 777" {
		t.Errorf("once it is back the number is %q", got)
	}
}

// fill lets the portal's own disk be full until room is made. SQLite says of a list that can grow no further what it says of a
// disk that cannot.
func (s *site) fill() (room func()) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(filepath.Dir(s.Packages), "data", "habeas.db")+"?_pragma=busy_timeout(5000)")
	s.must(err)
	s.t.Cleanup(func() { s.must(db.Close()) })
	do := func(query string) {
		_, err := db.Exec(query)
		s.must(err)
	}
	do("CREATE TABLE room (id INTEGER PRIMARY KEY AUTOINCREMENT)")
	do("INSERT INTO room VALUES (9223372036854775807)")
	do("CREATE TRIGGER no_room BEFORE INSERT ON audit_entries BEGIN INSERT INTO room (id) VALUES (NULL); END")
	return func() { do("DROP TRIGGER no_room") }
}

// The portal's own disk: whatever is saved says that it was not, and keeps what was typed.
func TestAFullDiskHasItsPageToo(t *testing.T) {
	s := newPortal(t)
	person, officer := s.customer(marta), s.staff(rights.RoleOfficer)
	ref := person.ask(rights.Objection, "Stop.")
	desk := "/staff/requests/" + ref
	room := s.fill()
	for _, row := range []struct {
		who    *browser
		path   string
		fields []string
		says   []string
	}{
		{person, "/data", nil, []string{"We cannot save anything at the moment", "Try again"}},
		{person, "/data/shop/customers", nil, []string{"We cannot save anything at the moment"}},
		{person, "/requests/" + ref + "/messages", []string{"text", "About my bill"}, []string{"We cannot save anything", "What you typed is kept", "About my bill"}},
		{person, "/erase", []string{}, []string{"We cannot save anything"}},
		{person, "/export", []string{}, []string{"We cannot save anything"}},
		{person, "/consents/newsletter", []string{"state", "granted"}, []string{"We cannot save anything"}},
		{officer.browser, desk, nil, []string{"We cannot save anything", "disk is full"}},
		{officer.browser, desk + "/note", []string{"version", "1", "text", "She called"}, []string{"disk is full", "She called"}},
		{officer.browser, desk + "/data", nil, []string{"disk is full"}},
	} {
		answer := reply{}
		if row.fields == nil {
			answer = row.who.get(row.path)
		} else {
			answer = row.who.post(row.path, row.fields...)
		}
		if answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s answered %d to %s", row.path, answer.StatusCode, answer.Location())
			continue
		}
		answer.says(t, row.says...)
		if answer.Header.Get("Retry-After") == "" {
			t.Errorf("%s does not say when to come back", row.path)
		}
	}
	person.language = "zh-CN"
	person.get("/data").want(t, http.StatusServiceUnavailable).says(t, "暂时无法保存")
	room()
	person.language = "en"
	person.post("/requests/"+ref+"/messages", "text", "About my bill").want(t, http.StatusSeeOther)
}

// What proves somebody is not sent back to be kept in a page.
func TestASecretIsNotKeptByAFault(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	s.fill()
	answer := s.browser().post("/staff/login", "email", officer.email, "password", password)
	answer.want(t, http.StatusServiceUnavailable).hides(t, password)
}

// between is what stands between two words of a text, the first time.
func between(t testing.TB, text, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, from)
	found, _, end := strings.Cut(rest, to)
	if !ok || !end {
		t.Fatalf("nothing stands between %q and %q", from, to)
	}
	return found
}
