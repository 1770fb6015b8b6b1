package browser

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

const auditor = "amina.diallo@harbour-home.example"

// invited runs the command that adds somebody to the team while the portal runs, and returns the link it prints.
func invited(t *testing.T, email, name, role string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, binary, "staff", "add", "--data", dataDir, "--email", email, "--name", name, "--role", role).CombinedOutput()
	if err != nil {
		t.Fatalf("habeas staff add: %v\n%s", err, out)
	}
	for _, link := range linkShape.FindAllString(string(out), -1) {
		if strings.HasPrefix(link, base+"/staff/enrol/") {
			return link
		}
	}
	t.Fatalf("no link in what habeas staff add prints:\n%s", out)
	return ""
}

// appCode is what the authenticator app shows, some steps of 30 seconds from now.
func appCode(t *testing.T, secret string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAnOfficerEnrolsAndSignsIn(t *testing.T) {
	t.Parallel()
	const email, password = "noor.haddad@harbour-home.example", "teapot lantern harbour moss"
	v := arrive(t, eyes{})
	link := invited(t, email, "Noor Haddad", "officer")
	v.open(link)
	v.sees(v.T("staff.enrol.title", "Name", "Noor Haddad"))
	v.shot("enrol-en")
	if size := get[float64](v, "() => document.querySelector('.scan img').naturalWidth"); size < 100 {
		t.Errorf("the QR code is %v pixels wide", size)
	}
	secret := get[string](v, "() => document.querySelector('.secret').textContent")

	v.fill(v.T("staff.enrol.password.label"), "short")
	v.fill(v.T("staff.enrol.code"), appCode(t, secret, 0))
	v.press(v.T("staff.enrol.go"))
	v.answered(422)
	v.sees(v.T("staff.error.password_short", "Min", 14))
	if again := get[string](v, "() => document.querySelector('.secret').textContent"); again != secret {
		t.Error("the key changed after a fault: the app has the old one")
	}
	v.fill(v.T("staff.enrol.password.label"), password)
	v.fill(v.T("staff.enrol.code"), appCode(t, secret, 0))
	v.press(v.T("staff.enrol.go"))
	v.sees(v.T("staff.recovery.once"))
	v.shot("recovery-en")
	recovery := get[[]string](v, "() => [...document.querySelectorAll('.codes code')].map(c => c.textContent)")
	if len(recovery) < 8 {
		t.Errorf("%d recovery codes", len(recovery))
	}
	v.press(v.T("staff.recovery.go"))
	v.at("/staff/queue")
	v.open(link)
	v.answered(410)
	v.sees(v.T("staff.gone.title"))

	v.open("/staff/queue")
	v.click(".account summary")
	v.press(v.T("staff.sign_out"))
	v.sees(v.T("staff.login.out"))
	v.open("/staff/queue")
	v.at("/staff/login")

	v.fill(v.T("staff.login.email"), email)
	v.fill(v.T("staff.login.password"), "not it, I am afraid")
	v.press(v.T("staff.login.go"))
	v.answered(422)
	v.sees(v.T("staff.error.sign_in"))
	v.fill(v.T("staff.login.password"), password)
	v.press(v.T("staff.login.go"))
	v.at("/staff/totp")
	v.open("/staff/queue") // a password alone opens nothing
	v.at("/staff/totp")
	v.fill(v.T("staff.code"), "000000")
	v.press(v.T("staff.totp.go"))
	v.answered(422)
	v.fill(v.T("staff.code"), appCode(t, secret, 1)) // the next one: this one was used to enrol
	v.press(v.T("staff.totp.go"))
	v.at("/staff/queue")

	v.click(".account summary")
	v.press(v.T("staff.sign_out"))
	v.fill(v.T("staff.login.email"), email)
	v.fill(v.T("staff.login.password"), password)
	v.press(v.T("staff.login.go"))
	v.fill(v.T("staff.code"), recovery[0])
	v.press(v.T("staff.totp.go"))
	v.at("/staff/queue")
}

func TestTheQueueIsFilteredAndWalkedByKeys(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	v.signsInAs(officer)
	v.at("/staff/queue")
	v.sees(v.T("queue.view.open"))
	v.shot("queue-en")
	if !get[bool](v, "() => !!document.querySelector('.due[data-tone=late]')") {
		t.Error("the demo has a late request; no badge says so")
	}

	v.press(v.T("queue.short.overdue"))
	v.sees(v.T("queue.view.overdue"))
	late := get[int](v, "() => document.querySelectorAll('tbody tr').length")
	if badges := get[int](v, "() => document.querySelectorAll('tbody .due[data-tone=late]').length"); late == 0 || badges != late {
		t.Errorf("%d overdue requests, %d of them badged late", late, badges)
	}

	v.open("/staff/queue?view=all")
	v.choose("right", "erasure")
	v.choose("state", "refused")
	v.press(v.T("queue.filter"))
	v.sees(v.T("desk.right.erasure"), v.T("desk.state.refused"))
	if others := get[int](v, `(right) => [...document.querySelectorAll("tbody .what")].filter(td => td.textContent.trim() !== right).length`, v.T("desk.right.erasure")); others > 0 {
		t.Errorf("%d requests of other rights", others)
	}
	v.press(v.T("queue.clear"))

	v.fill(v.T("queue.find"), "rosa.delgado@mail.example")
	v.press(v.T("queue.filter"))
	v.sees(v.T("desk.right.opt_out"))
	v.fill(v.T("queue.find"), "rosa")
	v.press(v.T("queue.filter"))
	v.sees(v.T("queue.empty.search"))

	v.open("/staff/queue")
	current := "() => document.querySelector('tr[data-current] a')?.textContent ?? ''"
	rows := get[[]string](v, "() => [...document.querySelectorAll('tbody th a')].map(a => a.textContent)")
	for _, step := range []struct{ key, at string }{{"j", rows[0]}, {"j", rows[1]}, {"k", rows[0]}, {"j", rows[1]}} {
		v.key(step.key)
		if got := get[string](v, current); got != step.at {
			t.Fatalf("%s leads to %q, not %q", step.key, got, step.at)
		}
	}
	v.key("/")
	if got := get[string](v, "() => document.activeElement.id"); got != "q" {
		t.Errorf("/ leads to %q", got)
	}
	v.key("j") // is a letter now
	if got := get[string](v, "() => document.querySelector('#q').value"); got != "j" {
		t.Errorf("the search holds %q", got)
	}
	v.open("/staff/queue")
	v.key("j")
	v.arriving(func() error { v.key("Enter"); return nil })
	v.at("/staff/requests/" + rows[0])
}

func TestAnOfficerFulfilsAndRefuses(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{}), arrive(t, eyes{})
	box := v.signsInAs("nobody.here@elsewhere.example")
	desk.signsInAs("zhou.min@harbour-home.example")
	for _, row := range []struct{ right, act, words, state, letter string }{
		{"objection", "fulfil", "Nothing of yours is used for advertising from today.", "state.fulfilled", "letters.fulfilled.title"},
		{"access", "refuse", "You wrote to us 40 times this week.", "state.refused", "letters.refused.title"},
	} {
		v.open("/requests/new?right=" + row.right)
		v.choose("regime", "eu_gdpr")
		label := v.T("ask.text")
		if !strings.Contains(v.reads(), label) {
			label = v.T("ask.text.optional")
		}
		v.fill(label, "About my parcel.")
		v.press(v.T("ask.send"))
		ref := refShape.FindString(v.path())
		box.next(v.T("letters.receipt.title"))

		desk.finds(ref)
		desk.press(desk.T("desk.assign.me"))
		desk.sees(desk.T("desk.done.assign"))
		desk.fill(desk.T("desk.note.words"), "Rang the courier.")
		desk.press(desk.T("desk.note.go"))
		desk.sees(desk.T("desk.done.note"), "Rang the courier.")
		ground := ""
		if row.act == "refuse" {
			ground = get[string](desk, "() => document.querySelector('#refuse-ground option:nth-child(2)').value")
		}
		desk.decides(row.act, ground, row.words)
		desk.shot("desk-" + row.act + "-en")

		box.next(v.T(row.letter))
		v.open("/requests/" + ref)
		v.sees(v.T(row.state))
		v.sees(row.words)
		v.misses("Rang the courier.")
	}
}

func TestTwoOfficersDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	v, one, other := arrive(t, eyes{}), arrive(t, eyes{}), arrive(t, eyes{})
	v.signsInAs("nobody.here@elsewhere.example")
	v.open("/requests/new?right=restriction")
	v.press(v.T("ask.send"))
	ref := refShape.FindString(v.path())
	one.signsInAs(officer)
	other.signsInAs("zhou.min@harbour-home.example")
	one.finds(ref)
	other.finds(ref)
	other.click(other.T("act.fulfil"))
	other.press(other.T("act.letter"))
	one.decides("fulfil", "", "")
	other.fill(get[string](other, "() => document.querySelector('label[for=text]').textContent"), "Half an answer.")
	other.press(other.T("check.fulfil.go"))
	other.answered(409)
	other.sees(other.T("desk.conflict"), "Half an answer.", other.T("trail.fulfilled"))
	other.shot("desk-conflict-en")
}

func TestAnAuditorReadsAndChangesNothing(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	v.signsInAs(auditor)
	v.at("/staff/queue")
	v.misses(v.T("staff.team"))
	v.press("[scope=row] a")
	v.sees(v.T("desk.facts"), v.T("desk.trail"))
	v.shot("desk-auditor-en")
	if buttons := get[[]string](v, "() => [...document.querySelectorAll('main button')].map(b => b.textContent.trim())"); len(buttons) > 0 {
		t.Errorf("an auditor is offered %q", buttons)
	}
	v.open("/staff/team")
	v.answered(404)
}

func TestAnAdminEndsSomebodysAccess(t *testing.T) {
	t.Parallel()
	admin, approver, leaver := arrive(t, eyes{}), arrive(t, eyes{}), arrive(t, eyes{})
	admin.signsInAs("tomas.novak@harbour-home.example")
	admin.press(admin.T("staff.team"))
	admin.shot("team-en")
	admin.fill(admin.T("team.name"), "Piet Mulder")
	admin.fill(admin.T("staff.login.email"), "piet.mulder@harbour-home.example")
	admin.fill(admin.T("team.why"), "For the holidays")
	box := mailboxOf(t, "piet.mulder@harbour-home.example")
	admin.press(admin.T("team.invite.go"))
	admin.sees(admin.T("team.proposed"))
	title := admin.T("approval.invite", "Name", "Piet Mulder", "Role", admin.T("staff.role.officer"))
	admin.open("/staff/approvals")
	admin.press(title)
	admin.sees(admin.T("approval.bar.own"))

	approver.signsInAs("zhou.min@harbour-home.example")
	approver.press(".bell")
	approver.sees(approver.T("alerts.approval"))
	approver.open("/staff/approvals")
	approver.press(title)
	approver.sees("For the holidays", "piet.mulder@harbour-home.example")
	approver.shot("approval-en")
	approver.press(approver.T("approval.approve"))
	approver.sees(approver.T("approval.done.approve"))
	admin.open("/staff/team")
	admin.sees("Piet Mulder", admin.T("team.state.invited"))

	leaver.open(box.next(leaver.T("letters.staff_invite.title")).link(t, "/staff/enrol/"))
	secret := get[string](leaver, "() => document.querySelector('.secret').textContent")
	leaver.fill(leaver.T("staff.enrol.password.label"), "copper kettle at the quay")
	leaver.fill(leaver.T("staff.enrol.code"), appCode(t, secret, 0))
	leaver.press(leaver.T("staff.enrol.go"))
	leaver.press(leaver.T("staff.recovery.go"))
	leaver.at("/staff/queue")

	admin.open("/staff/team")
	admin.click("[data-fold] tr:has([value='piet.mulder@harbour-home.example']) summary")
	admin.press("[value='piet.mulder@harbour-home.example'] + button")
	admin.sees(admin.T("staff.disabled"))
	leaver.open("/staff/queue")
	leaver.at("/staff/login")
}
