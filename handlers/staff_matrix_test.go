package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

// Who may do what at the desk: every route, by everybody. What is not allowed does not exist, and a page asks to sign in.
func TestEveryRouteOfTheDeskByEverybody(t *testing.T) {
	s := newPortal(t, stopping) // so that a stream of events ends
	officer, approver := s.staff(rights.RoleOfficer), s.staff(rights.RoleApprover)
	admin, auditor := s.staff(rights.RoleAdmin), s.staff(rights.RoleAuditor)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	s.clock.Advance(time.Minute)
	approver.post("/staff/queue/views", "right", "erasure", "name", "Erasures").want(t, http.StatusSeeOther)
	view := viewID(t, approver.get("/staff/queue?right=erasure"))
	everybody := []struct {
		name string
		*browser
	}{
		{"nobody", s.browser()}, {"customer", person}, {"half signed", officer.half()},
		{"officer", officer.browser}, {"approver", approver.browser}, {"admin", admin.browser}, {"auditor", auditor.browser},
	}
	const (
		login  = "303 /staff/login"
		second = "303 /staff/totp"
		queue  = "303 /staff/queue"
		none   = "404"
	)
	page := func(officer, approver, admin, auditor string) []string {
		return []string{login, login, second, officer, approver, admin, auditor}
	}
	post := func(officer, approver, admin, auditor string) []string {
		return []string{none, none, none, officer, approver, admin, auditor}
	}
	desk, her := "/staff/requests/"+ref, officer.at(ref)
	letter := desk + "/letters/" + s.lettersOf(ref)[0].ID
	back := "303 " + desk
	for _, row := range []struct {
		method, path string
		fields       []string
		want         []string
	}{
		{"GET", "/staff", nil, page(queue, queue, queue, queue)},
		{"GET", "/staff/login", nil, []string{"200", "200", "200", queue, queue, queue, queue}},
		{"POST", "/staff/login", nil, []string{"422", "422", "422", "422", "422", "422", "422"}},
		{"GET", "/staff/totp", nil, []string{login, login, "200", queue, queue, queue, queue}},
		{"POST", "/staff/totp", []string{"code", "no"}, []string{none, none, "422", none, none, none, none}},
		{"GET", "/staff/enrol/never", nil, []string{"410", "410", "410", "410", "410", "410", "410"}},
		{"POST", "/staff/enrol/never", nil, []string{"410", "410", "410", "410", "410", "410", "410"}},
		{"GET", "/staff/queue", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/queue.csv", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/tasks", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/tasks?mine=yes&right=erasure", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/tasks?team=nobody", nil, page(none, none, none, none)},
		{"GET", "/staff/tasks.csv", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/retention", nil, page("200", "200", "200", "200")},
		{"POST", "/staff/retention", []string{"source", "shop", "collection", "none"}, post(none, none, none, none)},
		{"GET", "/staff/retention.csv", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/retention/none", nil, page(none, none, none, none)},
		{"POST", "/staff/retention/none", []string{"decision", "approve"}, post(none, none, none, none)},
		{"GET", "/staff/events", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/queue/bulk", nil, page(queue, queue, none, none)},
		{"POST", "/staff/queue/bulk", []string{"act", "start"}, post("422", "422", none, none)},
		{"GET", "/staff/queue/views", nil, page(queue, queue, queue, none)},
		{"POST", "/staff/queue/views", []string{"name", " "}, post("422", "422", "422", none)},
		{"POST", "/staff/queue/views/" + view + "/delete", nil, post(none, queue, none, none)}, // it is the approver's own
		{"GET", desk, nil, page("200", "200", "200", "200")},
		{"GET", "/staff/requests/HB-0000-0000", nil, page(none, none, none, none)},
		{"POST", desk + "/assign", []string{"version", "9"}, post("409", "409", none, none)},
		{"POST", desk + "/note", nil, post("422", "422", none, none)},
		{"POST", desk + "/message", nil, post("422", "422", none, none)},
		{"POST", desk + "/tasks", nil, post("422", "422", none, none)},
		{"GET", desk + "/tasks", nil, page(back, back, back, back)},
		{"POST", desk + "/tasks/none", []string{"version", "1", "state", "done"}, post(none, none, none, none)},
		{"GET", desk + "/tasks/none", nil, page(back, back, back, back)},
		{"POST", desk + "/duplicate", []string{"version", "1", "other", "HB-0000-0000"}, post(none, none, none, none)},
		{"POST", desk + "/distinct", nil, post("422", "422", none, none)},
		{"POST", desk + "/fulfil", nil, post("422", "422", none, none)},
		{"POST", desk + "/refuse", nil, post("422", "422", none, none)},
		{"POST", desk + "/accept", []string{"version", "1", "check", "yes"}, post("409", "409", none, none)},
		{"POST", desk + "/decline", nil, post("422", "422", none, none)},
		{"POST", desk + "/acknowledge", []string{"version", "1"}, post("409", "409", none, none)}, // the receipt has told them
		{"POST", desk + "/pause", nil, post("422", "422", none, none)},
		{"POST", desk + "/resume", []string{"version", "1"}, post("409", "409", none, none)},
		{"POST", desk + "/extend", []string{"version", "1"}, post("422", "422", none, none)},
		{"POST", desk + "/partly", []string{"version", "1"}, post("422", "422", none, none)},
		{"POST", desk + "/reopen", []string{"version", "1"}, post("409", "409", none, none)},
		{"POST", desk + "/extend", []string{"version", "1", "check", "yes"}, post("200", "200", none, none)},
		{"GET", desk + "/reopen", nil, page(back, back, back, back)},
		{"POST", desk + "/restrict", nil, post("422", "422", none, none)},
		{"GET", desk + "/restrict", nil, page(back, back, back, back)},
		{"POST", desk + "/lift", nil, post("422", "422", none, none)},
		{"GET", desk + "/lift", nil, page(back, back, back, back)},
		{"GET", "/staff/templates", nil, page(none, "200", "200", none)},
		{"GET", "/staff/templates/refused/en", nil, page(none, "200", "200", none)},
		{"GET", "/staff/templates/receipt/en", nil, page(none, none, none, none)},
		{"GET", "/staff/templates/refused/en/restore", nil, page(none, "303 /staff/templates/refused/en", "303 /staff/templates/refused/en", none)},
		{"POST", "/staff/templates/refused/en", nil, post(none, "422", "422", none)},
		{"POST", "/staff/templates/refused/en/restore", nil, post(none, "422", "422", none)},
		{"GET", desk + "/fulfil", nil, page(back, back, back, back)}, // where a reload or the language switch leads
		{"GET", "/staff/requests/new", nil, page("200", "200", none, none)},
		{"POST", "/staff/requests/new", nil, post("422", "422", none, none)},
		{"GET", desk + "/registered", nil, page(back, back, none, none)}, // it came through the portal
		{"POST", desk + "/identity", nil, post("422", "422", none, none)},
		{"POST", desk + "/mandate", nil, post("422", "422", none, none)},
		{"POST", desk + "/mandate-files", nil, post("422", "422", none, none)},
		{"POST", desk + "/files", nil, post("422", "422", none, none)},
		{"GET", desk + "/files", nil, page(back, back, back, back)},
		{"GET", desk + "/files/nothing", nil, page(none, none, none, none)},
		{"GET", "/staff/team", nil, page(none, none, "200", none)},
		{"GET", "/staff/team/invite", nil, page(none, none, "303 /staff/team", none)},
		{"POST", "/staff/team/invite", nil, post(none, none, "422", none)},
		{"POST", "/staff/team/disable", nil, post(none, none, "422", none)},
		{"GET", "/staff/team/role?member=" + s.id(officer.email), nil, page(none, none, "200", none)},
		{"GET", "/staff/team/role?member=nobody", nil, page(none, none, none, none)},
		{"POST", "/staff/team/role", []string{"member", s.id(officer.email), "role", "approver"}, post(none, none, "422", none)},
		{"GET", "/staff/alerts", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/alerts/seen", nil, page("303 /staff/alerts", "303 /staff/alerts", "303 /staff/alerts", "303 /staff/alerts")},
		{"POST", "/staff/alerts/seen", nil, post("303 /staff/alerts", "303 /staff/alerts", "303 /staff/alerts", "303 /staff/alerts")},
		{"POST", "/staff/alerts/seen", []string{"id", "never"}, post(none, none, none, none)},
		{"GET", "/staff/approvals", nil, page(none, "200", "200", none)},
		{"GET", "/staff/approvals/never", nil, page(none, none, none, none)},
		{"POST", "/staff/approvals/never", []string{"decision", "approve"}, post(none, none, none, none)},
		{"GET", "/staff/settings/tokens", nil, page(none, none, "200", "200")},
		{"POST", "/staff/settings/tokens", nil, post(none, none, "422", none)},
		{"POST", "/staff/settings/tokens/never/revoke", nil, post(none, none, none, none)},
		{"GET", "/staff/settings/tokens/never/revoke", nil, page(none, none, "303 /staff/settings/tokens", "303 /staff/settings/tokens")},
		{"GET", "/staff/settings", nil, page(none, none, "200", "200")},
		{"POST", "/staff/settings", nil, post(none, none, "422", none)},
		{"GET", "/staff/settings/holidays", nil, page(none, none, "200", "200")},
		{"GET", "/staff/settings/holidays/DE", nil, page(none, none, "200", "200")},
		{"GET", "/staff/settings/holidays/XX", nil, page(none, none, none, none)},
		{"POST", "/staff/settings/holidays/DE", nil, post(none, none, "422", none)},
		{"POST", "/staff/settings/holidays/XX", []string{"version", "0"}, post(none, none, none, none)},
		{"GET", "/staff/settings/clocks", nil, page(none, none, "200", "200")},
		{"POST", "/staff/settings/clocks", nil, post(none, none, "303 /staff/settings/clocks", none)},
		{"GET", "/staff/dashboard", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/dashboard.csv?chart=right", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/dashboard/ccpa", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/dashboard/ccpa.csv", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/activities", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/activities.csv", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/activities/print", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/activities/versions", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/activities/diff", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/activities/diff?from=1&to=9", nil, page(none, none, none, none)},
		{"GET", "/staff/activities/diff?from=first", nil, page(none, none, none, none)},
		{"GET", "/staff/reviews", nil, page("200", "200", "200", "200")},
		{"GET", "/staff/reviews/never", nil, page(none, none, none, none)},
		{"POST", "/staff/reviews", []string{"seen", "something else"}, post("409", "409", none, none)},
		{"GET", desk + "/proof", nil, page("200", "200", none, "200")},
		{"POST", desk + "/proof", []string{"language", "xx"}, post("422", "422", none, "422")},
		{"POST", desk + "/proof", []string{"language", "en"}, post("200", "200", none, "200")},
		{"GET", letter, nil, page("200", "200", "200", "200")},
		{"GET", desk + "/letters/never", nil, page(none, none, none, none)},
		{"GET", letter + "/retry", nil, page("303 "+letter, "303 "+letter, "303 "+letter, "303 "+letter)},
		{"GET", letter + "/posted", nil, page("303 "+letter, "303 "+letter, "303 "+letter, "303 "+letter)},
		{"POST", letter + "/retry", nil, post("409", "409", none, none)},
		{"POST", letter + "/posted", nil, post("409", "409", none, none)},
		{"GET", "/staff/people", nil, page("200", "200", none, "200")},
		{"GET", "/staff/people?q=nobody@example.net", nil, page("200", "200", none, "200")},
		{"GET", "/staff/people?q=" + ref, nil, page("303 "+her, "303 "+her, none, "303 "+her)},
		{"GET", her, nil, page("200", "200", none, "200")},
		{"GET", "/staff/people/never", nil, page(none, none, none, none)},
		{"GET", her + "/settle", nil, page("303 "+her, "303 "+her, none, "303 "+her)},
		{"POST", her + "/settle", nil, post("409", "409", none, none)}, // who she is was never in doubt
		{"GET", her + "/same/never", nil, page(none, none, none, none)},
		{"POST", her + "/same/never", []string{"verdict", "one"}, post(none, none, none, none)},
		{"POST", her + "/merges/never/undo", nil, post(none, none, none, none)},
		{"GET", "/staff/holds", nil, page("200", "200", none, "200")},
		{"GET", her + "/holds", nil, page("303 "+her, "303 "+her, none, "303 "+her)},
		{"POST", her + "/holds", nil, post("422", "422", none, none)},
		{"GET", her + "/holds/never/review", nil, page("303 "+her, "303 "+her, none, "303 "+her)},
		{"POST", her + "/holds/never/review", []string{"review", "2026-12-24"}, post(none, none, none, none)},
		{"GET", her + "/holds/never/lift", nil, page("303 "+her, "303 "+her, none, "303 "+her)},
		{"POST", her + "/holds/never/lift", nil, post(none, none, none, none)},
		{"GET", "/staff/people/budget", nil, page(none, "200", "200", none)},
		{"POST", "/staff/people/budget", nil, post(none, "422", "422", none)},
		{"GET", desk + "/data", nil, page("200", "200", none, none)},
		{"GET", desk + "/data/shop/customers", nil, page("200", "200", none, none)},
		{"GET", desk + "/data/shop/never", nil, page(none, none, none, none)},
		{"GET", desk + "/reveal", nil, page("303 "+desk+"/data", "303 "+desk+"/data", none, none)},
		{"POST", desk + "/reveal", nil, post(none, none, none, none)}, // of no record
		{"GET", "/staff/nowhere", nil, page(none, none, none, none)},
		{"POST", "/staff/nowhere", nil, post(none, none, none, none)},
		{"POST", "/staff/sign-out", nil, post(login, login, login, login)}, // last: it ends their sessions
	} {
		for i, who := range everybody {
			var r reply
			if row.method == "GET" {
				r = who.get(row.path)
			} else {
				r = who.post(row.path, row.fields...)
			}
			got := strings.TrimSpace(r.Status[:3] + " " + r.Location())
			if got != row.want[i] {
				t.Errorf("%s %s by %s: %s, want %s", row.method, row.path, who.name, got, row.want[i])
			}
			if r.StatusCode == http.StatusNotFound {
				r.hides(t, "Objection", "Mei ")
			}
		}
	}
}
