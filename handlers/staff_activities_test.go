package handlers_test

import (
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
)

func TestTheRecordOfProcessingIsReadPrintedAndTakenAlong(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	for _, lang := range []string{"en", "zh-CN"} {
		for _, path := range []string{"/staff/activities", "/staff/activities/print", "/staff/activities/versions", "/staff/activities/diff", "/staff/reviews"} {
			o.get(path+"?lang="+lang).want(t, http.StatusOK).hides(t, "⟦", marta, "Marta")
		}
	}
	o.get("/staff/activities?lang=en").want(t, http.StatusOK).says(t, "Record of processing activities", "GDPR Art. 30(1)(b)", "Purposes", "What is missing", "No security measures", "shop.yml:")
	o.get("/staff/activities/print").says(t, "Harbour & Home", "Pier 4, Hamburg", "Version 1")
	o.get("/staff/activities?lang=zh-CN").says(t, "处理目的", "《个人信息保护法》第17条", "未载明安全措施")

	file := o.get("/staff/activities.csv?lang=en").want(t, http.StatusOK)
	if !strings.HasPrefix(file.Body, "\ufeff") || !strings.Contains(file.Header.Get("Content-Disposition"), "record-of-processing-v1.csv") {
		t.Errorf("the file is %q", file.Header.Get("Content-Disposition"))
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll()
	s.must(err)
	if len(rows) < 3 || len(rows[0]) != 16 || !strings.Contains(file.Body, "shop.customers") {
		t.Errorf("%d rows of %d columns", len(rows), len(rows[0]))
	}
}

func TestACellOfTheRecordIsNeverAFormula(t *testing.T) {
	s := newPortal(t)
	s.remap("purpose:", "purpose: \"=HYPERLINK(1)\" #")
	o := s.staff(rights.RoleOfficer)
	if body := o.get("/staff/activities.csv").want(t, http.StatusOK).Body; !strings.Contains(body, "'=HYPERLINK(1)") {
		t.Errorf("a formula stays one: %s", body)
	}
}

// remap swaps the shop's map for one with replacements, old and new in turn, as an engineer would before a restart.
func (s *site) remap(replace ...string) {
	s.t.Helper()
	text, err := os.ReadFile("testdata/shop.yml")
	s.must(err)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			s.t.Fatalf("the map does not say %q", replace[i])
		}
		text = []byte(strings.ReplaceAll(string(text), replace[i], replace[i+1]))
	}
	file := filepath.Join(s.t.TempDir(), "shop.yml")
	s.must(os.WriteFile(file, text, 0o600))
	set, err := sources.Open(s.t.Context(), []sources.Config{{Key: "shop", Driver: "sqlite", DSN: "file:" + s.shop, Dataset: file}}, sources.Options{})
	s.must(err)
	s.t.Cleanup(func() { s.must(set.Close()) })
	s.Sources = set
}

func TestTwoVersionsOfTheMapAreCompared(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	o.get("/staff/activities/diff").want(t, http.StatusOK).says(t, "Nothing changed")
	s.clock.Advance(time.Hour)
	s.remap("basis: contract", "basis: consent", "zh-CN: 姓名", "zh-CN: 客户姓名")
	o = o.again()
	o.get("/staff/activities/versions").want(t, http.StatusOK).says(t, "Version 2", "Version 1", "The first version", "change")
	page := o.get("/staff/activities/diff?from=1&to=2").want(t, http.StatusOK).says(t, "From version 1 to version 2", "Lawful bases", "Contract", "Consent", "客户姓名")
	if !strings.Contains(page.Body, `lang="zh-CN">客户姓名`) {
		t.Error("words in another language are not marked as such")
	}
	o.get("/staff/activities/diff?from=2&to=1").want(t, http.StatusOK).says(t, "From version 2 to version 1")
}

var seenMark = regexp.MustCompile(`name="seen" value="([0-9a-f]{64})"`)

func TestTheSelfCheckIsSignedAndKept(t *testing.T) {
	s := newPortal(t)
	o, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	page := o.get("/staff/reviews").want(t, http.StatusOK).says(t, "Sources not reached", "“shop” has never answered", "Nobody is Approver", "None has been signed yet", "Next to be signed by")
	auditor.get("/staff/reviews").want(t, http.StatusOK).says(t, "Roles unused").hides(t, "Sign and keep")
	seen := seenMark.FindStringSubmatch(page.Body)[1]

	o.post("/staff/reviews", "seen", seen, "remark.roles", strings.Repeat("x", 4001)).want(t, http.StatusUnprocessableEntity).says(t, "Roles unused", "xxxx")
	s.customer(marta).ask(rights.Objection, "Stop.")
	again := o.post("/staff/reviews", "seen", seen, "remark.sources", "The shop moves house", "remark", "Well").want(t, http.StatusConflict).
		says(t, "Something has changed since you opened this page.", "The shop moves house", "Objection: 1 open request")
	now := seenMark.FindStringSubmatch(again.Body)[1]
	if now == seen {
		t.Fatal("the mark has not changed")
	}
	done := o.post("/staff/reviews", "seen", now, "remark.sources", "The shop moves house", "remark", "Well")
	done.want(t, http.StatusSeeOther)
	at := done.Location()
	o.get(at).want(t, http.StatusOK).says(t, "Signed and kept.", "Self-check of 23 November 2026", "Mei Officer", "The shop moves house", "Well", "SHA-256")
	auditor.get(at+"?lang=zh-CN").want(t, http.StatusOK).says(t, "签署人", "数据源“shop”从未响应").hides(t, "⟦")
	auditor.get("/staff/reviews?lang=en").says(t, "Mei Officer", "7 findings", "23 February 2027")
	auditor.post("/staff/reviews", "seen", now).want(t, http.StatusNotFound)
}
