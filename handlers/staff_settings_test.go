package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

var approvalLink = regexp.MustCompile(`href="(/staff/approvals/[0-9a-f]+)"`)

// proposal is where the oldest proposal that waits stands.
func (o *officer) proposal() string {
	o.site.t.Helper()
	found := approvalLink.FindStringSubmatch(o.get("/staff/approvals").want(o.site.t, http.StatusOK).Body)
	if found == nil {
		o.site.t.Fatal("nothing waits for approval")
	}
	return found[1]
}

func TestTheTeamIsTheAdministrators(t *testing.T) {
	s := newPortal(t)
	admin, o := s.staff(rights.RoleAdmin), s.staff(rights.RoleOfficer)
	admin.get("/staff/team").want(t, http.StatusOK).says(t, "Mei Officer", "officer@shop.test", "Active", "Nobody else can approve.", "habeas staff add")
	chief := s.staff(rights.RoleApprover)
	admin.get("/staff/team").hides(t, "Nobody else can approve.")

	admin.post("/staff/team/invite", "name", "Lu Xun", "email", "lu@shop.test", "role", "auditor", "language", "zh-CN", "why", "Yearly audit").wantAt(t, "/staff/team")
	admin.get("/staff/team").says(t, "A colleague must approve it before anything happens.", "1 proposal waits for a decision.").hides(t, "lu@shop.test")
	admin.get(admin.proposal()).says(t, "You proposed this, so somebody else decides it.", "Take my proposal back").hides(t, `value="approve"`)
	admin.post(admin.proposal(), "decision", "approve").want(t, http.StatusUnprocessableEntity).says(t, "You proposed this")

	chief.get("/staff/queue").says(t, "new notices")
	chief.get("/staff/alerts").says(t, "A proposal waits for a second pair of eyes")
	at := chief.proposal()
	chief.get(at).want(t, http.StatusOK).says(t, "Let in Lu Xun as Auditor", "lu@shop.test", "Yearly audit", "Mei Admin", "简体中文", "A letter with a link to set up their access leaves at once, to lu@shop.test")
	chief.get("/staff/queue").hides(t, "new notices")
	chief.post(at, "decision", "decline").want(t, http.StatusUnprocessableEntity).says(t, "Say why you decline.")
	chief.post(at, "decision", "approve").wantAt(t, "/staff/approvals")
	chief.get("/staff/approvals").says(t, "Approved and carried out.", "Decided by Mei Approver", "Nothing waits")
	chief.post(at, "decision", "decline", "reason", "On second thoughts").want(t, http.StatusConflict).says(t, "Somebody else was faster", "Approved")
	admin.get("/staff/alerts").says(t, "What you proposed was approved")
	admin.get("/staff/team").says(t, "Lu Xun", "Invited")
	if l := s.letter("lu@shop.test"); !strings.Contains(l.Text, "/staff/enrol/") {
		t.Error("the invitation holds no link")
	}
	for _, row := range []struct {
		what   string
		fields []string
	}{
		{"no name", []string{"name", " ", "email", "a@shop.test", "role", "officer", "language", "en", "why", "Busy"}},
		{"no address", []string{"name", "A", "email", "a", "role", "officer", "language", "en", "why", "Busy"}},
		{"a role that staff cannot have", []string{"name", "A", "email", "a@shop.test", "role", "subject", "language", "en", "why", "Busy"}},
		{"a language that nobody reads here", []string{"name", "A", "email", "a@shop.test", "role", "officer", "language", "xx", "why", "Busy"}},
		{"somebody who is here", []string{"name", "A", "email", "officer@shop.test", "role", "officer", "language", "en", "why", "Busy"}},
		{"no reason", []string{"name", "Kept", "email", "a@shop.test", "role", "officer", "language", "en", "why", " "}},
	} {
		if r := admin.post("/staff/team/invite", row.fields...); r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: answered %d", row.what, r.StatusCode)
		}
	}
	o.get("/staff/queue").want(t, http.StatusOK)
	admin.post("/staff/team/disable", "email", admin.email).want(t, http.StatusUnprocessableEntity).says(t, "Nobody ends their own access.")
	admin.post("/staff/team/disable", "email", "officer@shop.test").wantAt(t, "/staff/team")
	o.get("/staff/queue").wantAt(t, "/staff/login")
	o.post("/staff/login", "email", o.email, "password", password).want(t, http.StatusUnprocessableEntity)
}

func TestAnotherRoleTakesTwoPeople(t *testing.T) {
	s := newPortal(t)
	admin, chief, o := s.staff(rights.RoleAdmin), s.staff(rights.RoleApprover), s.staff(rights.RoleOfficer)
	id := s.id(o.email)
	admin.get("/staff/team").says(t, "Another role Mei Officer")
	form := "/staff/team/role?member=" + id
	admin.get(form).want(t, http.StatusOK).says(t, "Another role for Mei Officer", "Role until now: Privacy officer")
	admin.get("/staff/team/role?member="+s.id(admin.email)).want(t, http.StatusOK)
	admin.post("/staff/team/role", "member", id, "role", "approver", "why", "").want(t, http.StatusUnprocessableEntity).says(t, "Say why")
	admin.post("/staff/team/role", "member", id, "role", "officer", "why", "The same").want(t, http.StatusUnprocessableEntity).says(t, "They have this role already.", "The same")
	admin.post("/staff/team/role", "member", "nobody", "role", "officer", "why", "Ghost").want(t, http.StatusNotFound)
	admin.post("/staff/team/role", "member", id, "role", "approver", "why", "Two years here").wantAt(t, "/staff/team")
	o.get("/staff/queue").want(t, http.StatusOK) // nothing has happened yet
	chief.get(chief.proposal()).says(t, "Make Mei Officer Approver", "Every session of Mei Officer ends at once.", "Two years here")
	chief.post(chief.proposal(), "decision", "approve").wantAt(t, "/staff/approvals")
	o.get("/staff/queue").wantAt(t, "/staff/login")
	s.clock.Advance(time.Minute)
	o.again().get("/staff/approvals").want(t, http.StatusOK)
}

func TestSettingsAreKeptWithWhatWasTyped(t *testing.T) {
	s := newPortal(t)
	admin, auditor := s.staff(rights.RoleAdmin), s.staff(rights.RoleAuditor)
	fields := func(version, soon, hour string, more ...string) []string {
		return append([]string{"version", version, "due_soon_days", soon, "escalate_days", "2", "paused_days", "21", "digest_hour", hour,
			"people_a_day", "50", "closed_months", "36"}, more...)
	}
	admin.get("/staff/settings").want(t, http.StatusOK).says(t, "Due soon, days before", "11 CCR 7101(a)", "24 months", "36 months", "Nothing has been changed yet")
	auditor.get("/staff/settings").want(t, http.StatusOK).says(t, "Administrators change them.", "Due soon, days before").hides(t, "<button class=\"btn\">Save")
	admin.post("/staff/settings", fields("0", "soon", "25")...).want(t, http.StatusUnprocessableEntity).
		says(t, "Enter a whole number from 1 to 30.", "Enter a whole number from 0 to 23.", "Now it is 7").hides(t, "⟦")
	admin.post("/staff/settings", fields("0", "5", "8", "public_metrics", "on")...).wantAt(t, "/staff/settings")
	admin.get("/staff/settings").says(t, "Saved.", "Due soon, days before: 7 → 5", "Public numbers: off → on", "Mei Admin")
	conflict := admin.post("/staff/settings", fields("0", "9", "8", "public_metrics", "on")...)
	conflict.want(t, http.StatusConflict).says(t, "Somebody else changed the settings while you were here.", "Now it is 5")
	if !strings.Contains(conflict.Body, `value="9"`) || !strings.Contains(conflict.Body, `name="version" value="1"`) {
		t.Error("what was typed cannot be sent again as it is now")
	}
	admin.post("/staff/settings", fields("1", "9", "8", "public_metrics", "on")...).wantAt(t, "/staff/settings")
}

func TestHolidaysAreAddedAndOpenClocksRecomputed(t *testing.T) {
	s := newPortal(t)
	admin, auditor, o := s.staff(rights.RoleAdmin), s.staff(rights.RoleAuditor), s.staff(rights.RoleOfficer)
	ref := s.customer(marta).ask(rights.Objection, "Stop.") // due on Wednesday, 23 December 2026
	admin.get("/staff/settings/holidays").want(t, http.StatusOK).says(t, "Germany", "England and Wales", "Nothing")
	admin.get("/staff/settings/holidays/DE").want(t, http.StatusOK).says(t, "Holidays of Germany")
	admin.get("/staff/settings/holidays/ATLANTIS").want(t, http.StatusNotFound)
	admin.post("/staff/settings/holidays/DE", "version", "0", "lines", "2026 12-23\n2026 12-32").want(t, http.StatusUnprocessableEntity).
		says(t, "Line 2: “12-32” is not a day of that year.", "2026 12-23 2026 12-32")
	admin.get("/staff/settings/clocks").says(t, "Nothing would move")
	admin.post("/staff/settings/holidays/DE", "version", "0", "lines", "2026 12-23 # proclaimed").wantAt(t, "/staff/settings/clocks")
	admin.post("/staff/settings/holidays/DE", "version", "0", "lines", "2027 01-01").want(t, http.StatusConflict).says(t, "2026 12-23 # proclaimed", "2027 01-01")
	auditor.get("/staff/settings/clocks").says(t, "1 open request would change; the last day moves in 1.", ref, "23 December 2026", "24 December 2026").hides(t, "Compute them anew")
	admin.post("/staff/settings/clocks").wantAt(t, "/staff/settings/clocks")
	admin.get("/staff/settings/clocks").says(t, "The clocks are computed anew.", "Nothing would move")
	o.get("/staff/requests/"+ref).says(t, "24 December 2026", "The dates were computed anew")
}

func TestTheBellCountsWhatIsUnseen(t *testing.T) {
	s := newPortal(t)
	o, other := s.named("ann@shop.test", "Ann Lee", rights.RoleOfficer), s.named("bob@shop.test", "Bob Ray", rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	desk := "/staff/requests/" + ref
	o.get("/staff/queue").hides(t, "new notices")
	o.get("/staff/alerts").says(t, "Nothing to tell you")
	o.post(desk+"/assign", "version", "1", "owner", s.id(o.email)).wantAt(t, desk)
	o.get(desk)
	person.post("/requests/"+ref+"/messages", "text", "Are you there?").want(t, http.StatusSeeOther)
	person.post("/requests/"+ref+"/messages", "text", "Hello?").want(t, http.StatusSeeOther)
	if l := s.letter(o.email); !strings.Contains(l.Subject, ref) || strings.Contains(l.Text, "Marta") {
		t.Errorf("the letter says %s\n%s", l.Subject, l.Text)
	}
	if page := o.get("/staff/queue"); !strings.Contains(page.Body, `<span class="count nums">1</span>`) {
		t.Errorf("the bell does not count one: %s", around(page.Body, `class="bell"`))
	}
	list := o.get("/staff/alerts").says(t, "The person has written", ref).hides(t, marta)
	id := regexp.MustCompile(`name="id" value="([0-9a-f]+)"`).FindStringSubmatch(list.Body)[1]
	other.get("/staff/alerts").says(t, "Nothing to tell you")
	other.post("/staff/alerts/seen", "id", id).want(t, http.StatusNotFound)
	o.get(desk) // opening it is seeing it
	o.get("/staff/queue").hides(t, "new notices")
	person.post("/requests/"+ref+"/messages", "text", "Still there?").want(t, http.StatusSeeOther)
	o.get("/staff/queue").says(t, "new notices")
	o.post("/staff/alerts/seen").wantAt(t, "/staff/alerts")
	o.get("/staff/alerts").says(t, "The person has written").hides(t, "new notices", "data-unseen")
}

func TestNoticesApprovalsAndSettingsSpeakChinese(t *testing.T) {
	s := newPortal(t)
	admin, chief := s.staff(rights.RoleAdmin), s.staff(rights.RoleApprover)
	admin.language, chief.language = "zh-CN", "zh-CN"
	admin.post("/staff/team/invite", "name", "鲁迅", "email", "lu@shop.test", "role", "officer", "language", "zh-CN", "why", "人手不足").wantAt(t, "/staff/team")
	admin.get("/staff/team").says(t, "须经一位同事审批后生效")
	chief.get("/staff/alerts").says(t, "有一项提议等待审批")
	chief.get(chief.proposal()).says(t, "邀请鲁迅担任", "人手不足")
	admin.get("/staff/settings").says(t, "期限与每日概览", "24 个月")
	admin.get("/staff/settings/holidays/CN").says(t, "中国大陆的节假日")
	admin.post("/staff/settings/holidays/CN", "version", "0", "lines", "2027 x").says(t, "第 1 行：“x”不是该年的日期")
}
