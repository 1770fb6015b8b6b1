package workflow_test

import (
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// Classification by place, as the pages, letters, files and logs of a whole portal keep to the table in rights.
func TestEveryPlaceShowsAsMuchAsTheTableSays(t *testing.T) {
	h := erasing(t,
		"label: {en: Phone, zh-CN: 电话}}", "label: {en: Phone, zh-CN: 电话}, recipients: [{name: Courier, email: "+courier+"}]}",
		"label: {en: Postcode, zh-CN: 邮政编码}}", "label: {en: Postcode, zh-CN: 邮政编码}, classification: sensitive, recipients: [{name: Courier, email: "+courier+"}]}",
		"mask: bank_card, label", "mask: bank_card, editable: ask, recipients: [{name: Courier, email: "+courier+"}], label",
	)
	values := []struct {
		field    string
		class    rights.Classification
		old, new string
	}{
		{"phone", rights.Ordinary, "+49 711 5550101", "+49 30 1112223"},
		{"postcode", rights.Sensitive, "70173", "10999"},
		{"card", rights.Core, "4111111111111111", "4000000000000002"},
	}
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	cells := func() string {
		page, _, err := h.Records(t.Context(), by, "shop", "customers", "", 5)
		h.must(err)
		var b strings.Builder
		for _, c := range page.First[0].Cells {
			b.WriteString(c.String() + "\n")
		}
		return b.String()
	}
	places := map[rights.Place]string{}
	proven := cells()
	ready := h.exported(by)
	h.build()
	places[rights.InPackage] = h.download(by, ready.Ref)
	places[rights.Desk], _ = h.desked(officer, h.filed(by))
	decided, notices := "", ""
	for _, v := range values {
		if c := h.Sources.Collection("shop", "customers").Field(v.field); c.Meta.Classification != v.class {
			t.Fatalf("%s is %s", v.field, c.Meta.Classification)
		}
		r, err := h.Correct(t.Context(), by, workflow.Change{Spot: spot(v.field), Old: v.old, New: v.new}, "en")
		h.must(err)
		if r.State.Open() {
			f := h.erasureOf(officer, r.Ref)
			if v.new != f.Correction.New {
				t.Errorf("who has to decide reads %q", f.Correction.New)
			}
			h.must(h.Accept(t.Context(), officer, r.Ref, r.Version))
		}
		f := h.erasureOf(officer, r.Ref)
		decided += f.Correction.Old + "\n" + f.Correction.New + "\n"
		h.tells()
		n, _, err := h.OpenNotice(t.Context(), h.find(noticeLink, courier), home)
		h.must(err)
		notices += n.New + "\n"
		h.must(h.AnswerNotice(t.Context(), h.find(noticeLink, courier), home, true, ""))
		h.clock.Advance(time.Second)
	}
	places[rights.Decided], places[rights.InNotice] = decided, notices
	h.deliver()
	for _, l := range h.mail.All() {
		places[rights.InLetter] += l.Subject + l.Text + l.HTML
	}
	places[rights.InLog] = h.log.String()
	h.clock.Advance(11 * time.Minute)
	places[rights.OwnPages] = cells()

	for at, text := range places {
		for _, v := range values {
			showing := rights.Shown(at, v.class)
			want := showing == rights.InFull || showing == rights.AsListed // none of these is on the list
			now := v.old
			if at == rights.InNotice || at == rights.OwnPages {
				now = v.new
			}
			if strings.Contains(text, now) != want {
				t.Errorf("%s, %s: the table says %s, and it holds %q", at, v.class, showing, text)
			}
		}
	}
	for _, v := range values {
		if !strings.Contains(proven, v.old) {
			t.Errorf("after a fresh proof she does not see %s", v.field)
		}
	}
}
