package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

// ticked are the fields of a form about many requests, each at the version that was seen.
func ticked(act string, refs ...string) []string {
	out := []string{"act", act, "back", "/staff/queue?right=objection&view=open"}
	for _, ref := range refs {
		ref, version, found := strings.Cut(ref, " ")
		if !found {
			version = "1"
		}
		out = append(out, "pick."+ref, version)
	}
	return out
}

const listed = "/staff/queue?right=objection&view=open"

func TestManyRequestsAtOnce(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	b := s.customer(marta)
	one, two, three := b.ask(rights.Objection, "Stop."), b.ask(rights.Objection, "Stop."), b.ask(rights.Objection, "Stop.")
	queue := o.get(listed)
	for _, ref := range []string{one, two, three} {
		if !strings.Contains(queue.Body, `name="pick.`+ref+`" value="1"`) {
			t.Errorf("%s cannot be ticked", ref)
		}
	}

	o.post("/staff/queue/bulk", append(ticked("assign", one, two, three), "owner", s.id(o.email))...).wantAt(t, listed)
	o.get(listed).says(t, "Assigned.", "Mine 3")
	o.post("/staff/queue/bulk", append(ticked("assign", three+" 2"), "owner", "nobody")...).wantAt(t, listed)
	o.get(listed).says(t, "Mine 2", "Unassigned 1")
	o.post("/staff/queue/bulk", ticked("start", one+" 2", two+" 2")...).wantAt(t, listed)
	o.get("/staff/queue?state=in_progress").says(t, one, two).hides(t, three)
	o.post("/staff/queue/bulk", append(ticked("message", one+" 3", two+" 3"), "text", "We are on it.")...).wantAt(t, listed)
	b.get("/requests/"+one).says(t, "We are on it.")
	b.get("/requests/"+two).says(t, "We are on it.")
	b.get("/requests/"+three).hides(t, "We are on it.")
}

func TestOneThatFailsStopsNoOther(t *testing.T) {
	s := newPortal(t)
	o, ann := s.staff(rights.RoleOfficer), s.named("ann@shop.test", "Ann Lee", rights.RoleApprover)
	b := s.customer(marta)
	fine, changed, closed := b.ask(rights.Objection, "Stop."), b.ask(rights.Objection, "Stop."), b.ask(rights.Objection, "Stop.")
	ann.post("/staff/requests/"+changed+"/assign", "version", "1", "owner", s.id(ann.email)).want(t, http.StatusSeeOther)
	ann.post("/staff/queue/bulk", append(ticked("fulfil", closed), "sure", "yes")...).wantAt(t, listed)
	fields := append(ticked("assign", fine, changed, closed, "HB-0000-0000"), "owner", s.id(o.email))
	result := o.post("/staff/queue/bulk", fields...).want(t, http.StatusOK)
	page(t, result)
	result.says(t, "1 done, 3 not.", fine, changed, closed, "Somebody else changed it", "It is closed.", "There is no such request.", "Try these again")
	for ref, again := range map[string]bool{fine: false, changed: true, closed: false, "HB-0000-0000": false} {
		if got := strings.Contains(result.Body, `name="pick.`+ref+`"`); got != again {
			t.Errorf("%s can be tried again: %v", ref, got)
		}
	}
	if !strings.Contains(result.Body, `name="pick.`+changed+`" value="2" checked`) {
		t.Error("what somebody else changed is not offered as it is now")
	}
	o.get(listed).says(t, "Mine 1")
	o.post("/staff/queue/bulk", append(ticked("assign", changed+" 2"), "owner", s.id(o.email))...).wantAt(t, listed)
	o.get(listed).says(t, "Mine 2")
	again := o.post("/staff/queue/bulk", fields...).want(t, http.StatusOK) // by the back button: nothing happens twice
	again.says(t, "0 done, 4 not.")
}

func TestClosingManyIsAskedOnceMore(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	b := s.customer(marta)
	one, two := b.ask(rights.Objection, "Stop."), b.ask(rights.Objection, "Stop.")
	cooling := b.post("/erase", "confirm", "yes").filed(t)
	o.post("/staff/requests/"+two+"/assign", "version", "1", "owner", s.id(o.email)).want(t, http.StatusSeeOther)
	s.deliver()
	sent := len(s.mail.All())

	check := o.post("/staff/queue/bulk", ticked("fulfil", one, two, cooling)...).want(t, http.StatusOK)
	page(t, check)
	check.says(t, "Check before you close", "1 letter will go out", "m***@example.org", "The person can take it back until 26 November 2026, 09:00", "Somebody else changed it").hides(t, marta)
	if strings.Contains(check.Body, `name="pick.`+cooling) || !strings.Contains(check.Body, `name="pick.`+one+`" value="1" checked`) ||
		!strings.Contains(check.Body, `name="pick.`+two+`" value="2">`) {
		t.Error("what cannot be closed can be ticked, or what was not seen is ticked")
	}
	if s.deliver(); len(s.mail.All()) != sent {
		t.Error("a letter left before anybody was sure")
	}
	b.get("/requests/"+one).says(t, "Received")

	o.post("/staff/queue/bulk", append(ticked("fulfil", one), "sure", "yes", "text", "It has stopped.")...).wantAt(t, listed)
	b.get("/requests/"+one).says(t, "It has stopped.")
	o.post("/staff/queue/bulk", append(ticked("fulfil", cooling), "sure", "yes")...).want(t, http.StatusOK).says(t, "0 done, 1 not.", "take it back until")
	o.post("/staff/queue/bulk", ticked("fulfil", one+" 2", cooling)...).want(t, http.StatusOK).says(t, "None of these can be closed now.").hides(t, `value="fulfil"`)
}

func TestWhatIsMissingIsAskedForAndNothingIsLost(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	ref := s.customer(marta).ask(rights.Objection, "Stop.")
	long := strings.Repeat("word ", 801)
	for _, row := range []struct {
		what         string
		fields       []string
		status       int
		fault, typed string
	}{
		{"nothing ticked", ticked("start"), 422, "Tick at least one request", ""},
		{"nothing ticked to close", ticked("fulfil"), 422, "Tick at least one request", ""},
		{"nobody chosen", ticked("assign", ref), 422, "Choose who they are assigned to", ref},
		{"no words", append(ticked("message", ref), "text", " "), 422, "Write", ref},
		{"too many words", append(ticked("message", ref), "text", long), 422, "", "word word"},
		{"an auditor as owner", append(ticked("assign", ref), "owner", strings.Repeat("f", 32)), 200, "0 done, 1 not", ref},
		{"a field twice", append(ticked("start", ref), "act", "fulfil"), 422, "", ""},
		{"no act", ticked("", ref), 404, "", ""},
		{"an act that is none", ticked("refuse", ref), 404, "", ""},
		{"a version that is none", ticked("start", ref+" x"), 404, "", ""},
		{"a reference that is none", ticked("start", "HB-1"), 404, "", ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			r := o.post("/staff/queue/bulk", row.fields...).want(t, row.status).says(t, row.fault, row.typed)
			page(t, r)
		})
	}
	var many []string
	for i := range 101 {
		many = append(many, rights.NewRef([]byte{1, 2, byte(i), 3, 4}))
	}
	o.post("/staff/queue/bulk", ticked("start", many...)...).want(t, http.StatusUnprocessableEntity).says(t, "Tick 100 requests at most")
	o.get("/staff/queue").says(t, "Nobody", "New")
}

func TestAfterwardsTheQueueIsWhereItWas(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	b := s.customer(marta)
	for i, row := range []struct{ back, to string }{
		{listed, listed},
		{"/staff/queue?view=open&q=marta%40example.org", "/staff/queue?view=open&q=marta%40example.org"},
		{"", "/staff/queue"},
		{"https://evil.test/staff/queue", "/staff/queue"},
		{"//evil.test/staff/queue", "/staff/queue"},
		{"/staff/queue/bulk", "/staff/queue"},
		{"/staff/queue/../team", "/staff/queue"},
	} {
		ref := b.ask(rights.Objection, fmt.Sprint("Stop ", i))
		o.post("/staff/queue/bulk", "act", "start", "pick."+ref, "1", "back", row.back).wantAt(t, row.to)
		s.clock.Advance(time.Minute)
	}
	o.get("/staff/queue/bulk").wantAt(t, "/staff/queue")
	o.get("/staff/queue/views").wantAt(t, "/staff/queue")
}
