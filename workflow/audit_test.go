package workflow_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// portal is the portal's own database, seen and changed behind its back.
func (h *house) portal() *sql.DB {
	h.t.Helper()
	if h.behind == nil {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, "data", "habeas.db")+"?_pragma=busy_timeout(5000)")
		h.must(err)
		h.t.Cleanup(func() { h.must(db.Close()) })
		h.behind = db
	}
	return h.behind
}

// everything is what the portal's database holds, but for how often something was tried.
func (h *house) everything() string {
	h.t.Helper()
	db := h.portal()
	names := h.column(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'limits' ORDER BY name")
	var all strings.Builder
	for _, name := range names {
		columns := h.column(db, fmt.Sprintf("SELECT 'quote(' || char(34) || name || char(34) || ')' FROM pragma_table_info('%s')", name))
		for _, row := range h.column(db, fmt.Sprintf("SELECT %s FROM %q ORDER BY 1", strings.Join(columns, " || ',' || "), name)) {
			all.WriteString(name + " " + row + "\n")
		}
	}
	return all.String()
}

func (h *house) column(db *sql.DB, query string) (out []string) {
	h.t.Helper()
	rows, err := db.Query(query)
	h.must(err)
	defer rows.Close()
	for rows.Next() {
		var s string
		h.must(rows.Scan(&s))
		out = append(out, s)
	}
	h.must(rows.Err())
	return out
}

func TestEveryActAndItsEntryAreKeptTogetherOrNotAtAll(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	officer := h.officer(rights.RoleOfficer)
	admin := h.officer(rights.RoleAdmin)
	half := h.half()
	by := h.customer(ann)
	elsewhere := h.customer(ann)
	asked := h.ask(bo)
	code := h.code(bo)
	h.clock.Advance(time.Minute)
	again := h.ask("again@example.org")
	h.ask(nobody)
	link := h.link(nobody)
	stepUp, err := h.AskStepUp(ctx, elsewhere, workflow.ActExport, home)
	h.must(err)
	stepUpCode := h.code(ann)
	ref, decided, cancelled := h.filed(by), h.filed(by), h.filed(by)
	h.erasure(by)
	stop := h.stop(ann)
	waiting, err := h.Correct(ctx, by, changed("name", "Anna Harker"), "en")
	h.must(err)
	declined, err := h.Correct(ctx, by, changed("name", "Ann Harker"), "en")
	h.must(err)
	ready := h.exported(by)
	h.build()
	h.deliver()
	h.deliver()
	g, _ := rights.RegimeByID("eu_gdpr")
	ground := func(r rights.Right) string { return g.Grounds(r)[0].ID }

	for _, c := range []struct {
		sentence string
		act      func() error
		entry    string // that it leaves
	}{
		{"asking for a code", func() error { _, err := h.AskCode(ctx, "new@example.org", home); return err }, "code.asked"},
		{"asking again", func() error { _, err := h.AskAgain(ctx, again.Challenge, again.Browser, home); return err }, "code.asked"},
		{"typing a wrong code", func() error {
			if _, err := h.Enter(ctx, asked.Challenge, asked.Browser, wrong(code), home); fault(err) != "verify.error.wrong" {
				return err
			}
			return nil
		}, "code.wrong"},
		{"signing in with a code", func() error { _, err := h.Enter(ctx, asked.Challenge, asked.Browser, code, home); return err }, "session.settled"},
		{"proving oneself again", func() error {
			_, err := h.StepUp(ctx, elsewhere, stepUp.Challenge, stepUp.Browser, stepUpCode, home)
			return err
		}, "session.stepped_up"},
		{"picking one of two", func() error { return h.Choose(ctx, half.Session, "C-1003") }, "subject.made"},
		{"changing the language", func() error { return h.SetLanguage(ctx, by, "zh-CN") }, "subject.language"},
		{"looking at everything", func() error { _, err := h.Overview(ctx, by); return err }, "data.viewed"},
		{"looking at records", func() error { _, _, err := h.Records(ctx, by, "shop", "orders", "", 5); return err }, "data.viewed"},
		{"looking at a value", func() error { _, err := h.Editable(ctx, by, spot("phone")); return err }, "data.viewed"},
		{"asking for a copy", func() error { _, err := h.Export(ctx, by, rights.Access, "en"); return err }, "request.received"},
		{"fetching a copy", func() error {
			file, _, err := h.Download(ctx, by, ready.Ref, 0)
			if err == nil {
				err = file.Close()
			}
			return err
		}, "package.downloaded"},
		{"correcting", func() error { _, err := h.Correct(ctx, by, changed("phone", "+49 30 111"), "en"); return err }, "request.corrected"},
		{"choosing", func() error { return h.Consent(ctx, by, "newsletter", rights.Granted, "en") }, "consent.granted"},
		{"withdrawing", func() error { return h.WithdrawAll(ctx, by, "en") }, "consent.withdrawn"},
		{"filing a request", func() error {
			_, err := h.Submit(ctx, by, workflow.Ask{Right: rights.Restriction, Regime: "ccpa", Text: "x", Language: "en"})
			return err
		}, "request.received"},
		{"writing to the team", func() error { return h.Say(ctx, by, ref, "hello") }, "message.sent"},
		{"taking a request back", func() error { return h.Cancel(ctx, by, cancelled) }, "request.cancelled"},
		{"an officer opening a request", func() error { _, err := h.Folder(ctx, officer, ref, "en"); return err }, "request.read"},
		{"an officer opening a correction", func() error { _, err := h.Folder(ctx, officer, waiting.Ref, "en"); return err }, "correction.read"},
		{"an officer searching for an address", func() error {
			_, _, err := h.QueueSearch(ctx, officer, workflow.QueueQuery{View: "all", Limit: 5}, ann)
			return err
		}, "queue.searched"},
		{"assigning", func() error { return h.Assign(ctx, officer, ref, 1, officer.ID) }, "request.assigned"},
		{"noting", func() error { return h.Note(ctx, officer, ref, 2, "note") }, "request.noted"},
		{"answering", func() error { return h.Reply(ctx, officer, ref, 2, "answer") }, "request.started"},
		{"fulfilling", func() error { return h.Fulfil(ctx, officer, ref, 3, "") }, "request.fulfilled"},
		{"refusing", func() error { return h.Refuse(ctx, officer, decided, 1, ground(rights.Objection), "No.") }, "request.refused"},
		{"accepting a correction", func() error { return h.Accept(ctx, officer, waiting.Ref, 1) }, "request.corrected"},
		{"declining one", func() error {
			return h.Decline(ctx, officer, declined.Ref, 1, ground(rights.Rectification), "No.")
		}, "request.refused"},
		{"inviting", func() error {
			_, err := h.Invite(ctx, rights.System, "new@shop.example", "New", rights.RoleAuditor, "en")
			return err
		}, "staff.invited"},
		{"proposing to invite", func() error {
			return h.ProposeInvitation(ctx, admin, workflow.Proposal{Email: "lu@shop.example", Name: "Lu", Role: rights.RoleOfficer, Language: "en", Why: "Busy"})
		}, "approval.proposed"},
		{"changing the settings", func() error {
			set := rights.DefaultSettings()
			set.DueSoonDays = 5
			return h.SaveSettings(ctx, admin, set, 0)
		}, "settings.changed"},
		{"disabling", func() error { return h.DisableStaff(ctx, admin, "new@shop.example") }, "staff.disabled"},
		{"signing out everywhere else", func() error { _, err := h.EndOtherSessions(ctx, by); return err }, "session.ended_others"},
		{"signing out", func() error { return h.SignOut(ctx, by) }, "session.ended"},
		{"stopping by the link of an alert", func() error { _, err := h.StopNow(ctx, stop); return err }, "request.stopped"},
		{"signing in by the link of a letter", func() error { _, err := h.EnterByLink(ctx, link, home); return err }, "link.used"},
		{"ending a package whose day is over", func() error { h.clock.Advance(25 * time.Hour); _, err := h.ExpireNext(ctx); return err }, "package.expired"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			before := h.everything()
			mend := h.unloggable()
			err := c.act()
			mend()
			after := h.everything()
			if err == nil {
				t.Error("it succeeds although its entry cannot be written")
			}
			if before != after {
				t.Errorf("it leaves something although its entry cannot be written: %s", difference(before, after))
			}
			last := h.entries()
			if err := c.act(); err != nil {
				t.Fatal(err)
			}
			if !h.since(last)[c.entry] {
				t.Errorf("it leaves %v, not %s", h.since(last), c.entry)
			}
		})
	}
}

// unloggable lets no entry be written to the audit log until the returned function is called.
func (h *house) unloggable() (mend func()) {
	h.t.Helper()
	run := func(query string) {
		h.t.Helper()
		_, err := h.portal().Exec(query)
		h.must(err)
	}
	run("CREATE TRIGGER failing BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'the disk'); END")
	return func() { run("DROP TRIGGER failing") }
}

func TestAPackageWhoseEntryCannotBeWrittenIsNotHandedOut(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	h.deliver()
	mend := h.unloggable()
	_, err := h.BuildNext(t.Context())
	h.must(err)
	mend()
	if got := h.state(by, r.Ref); got != "queued, in_progress" || len(h.packages()) != 0 || h.deliver() != 0 {
		t.Errorf("it stands at %s, on disk are %v", got, h.packages())
	}
	h.clock.Advance(time.Minute)
	h.build()
	if got := h.state(by, r.Ref); got != "ready, fulfilled" || h.count(by.ID, "package.built") != 1 {
		t.Errorf("afterwards it stands at %s", got)
	}
}

func TestALetterWhoseEntryCannotBeWrittenIsNotLost(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.objection(by)
	mend := h.unloggable()
	if _, err := h.SendNext(t.Context(), h.mail); err == nil {
		t.Error("it succeeds although its entry cannot be written")
	}
	mend()
	if got := h.outbox(r)[0]; got != "sending 1" {
		t.Errorf("it stands at %s", got)
	}
	h.clock.Advance(5 * time.Minute)
	if n := h.deliver(); n != 1 || h.outbox(r)[0] != "sent 2" {
		t.Errorf("%d letters left, it stands at %v", n, h.outbox(r))
	}
}

// since are the acts in the audit log after an entry.
func (h *house) since(entry int64) map[string]bool {
	h.t.Helper()
	db := h.portal()
	acts := map[string]bool{}
	for _, act := range h.column(db, fmt.Sprintf("SELECT act FROM audit_entries WHERE seq > %d", entry)) {
		acts[act] = true
	}
	return acts
}

// difference are the lines of after that before does not have.
func difference(before, after string) (out []string) {
	had := map[string]bool{}
	for _, line := range strings.Split(before, "\n") {
		had[line] = true
	}
	for _, line := range strings.Split(after, "\n") {
		if !had[line] {
			out = append(out, line[:min(len(line), 200)])
		}
	}
	return out
}
