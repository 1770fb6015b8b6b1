package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const crmMap = `dataset:
  - fides_key: crm
    collections:
      - name: contacts
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}, habeas_meta: {label: {en: Mail, zh-CN: 邮箱}}}
          - {name: name, data_categories: [user.name], habeas_meta: {label: {en: Full name, zh-CN: 姓名}}}
          - {name: mobile, data_categories: [user.contact.phone_number]}
`

// withCRM installs a portal with a snapshot of a CRM beside its shop.
func withCRM(t *testing.T) string {
	t.Helper()
	dir := install(t, "sources:\n", "sources:\n  - {key: crm, driver: snapshot, dataset: crm.yml}\n")
	if err := os.WriteFile(filepath.Join(dir, "crm.yml"), []byte(crmMap), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestImportBringsAnExportWhetherThePortalServesOrNot(t *testing.T) {
	dir := withCRM(t)
	chinese, err := simplifiedchinese.GB18030.NewEncoder().String("客户编码,客户姓名,邮箱,手机,备注\r\nC-1,欧阳,ou@example.com,138,x\r\nC-2,王,wang@example.com,,\r\n")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "first.csv", chinese)
	put(t, dir, "second.csv", "id;mail;full name;mobile\nC-1;ou@example.com;欧阳娜;138\nC-3;li@example.com;李;\n")
	put(t, dir, "faulty.csv", "id,email,name,mobile\nC-1,secret@example.com,SECRET,1\n,secret@example.com,SECRET,2\n\"C-9\"x,secret@example.com,SECRET,3\n")
	put(t, dir, "other.csv", "SECRET,secret@example.com\nSECRET2,b\n")
	put(t, dir, "zip.xlsx", "no workbook")

	ran := func(why string, code int, out, errs string, args ...string) {
		t.Helper()
		got, o, e := ask(t, dir, args...)
		if got != code || !strings.Contains(o, out) || !strings.Contains(e, errs) {
			t.Errorf("%s: exit %d\n%s%s", why, got, o, e)
		}
		if strings.Contains(o+e, "SECRET") || strings.Contains(o+e, "secret@") || strings.Contains(o+e, "欧阳") {
			t.Errorf("%s: a value of a record came out\n%s%s", why, o, e)
		}
	}
	ran("a check before the first import", 1, "source crm: nothing is imported yet: run habeas import crm FILE", "", "check")
	ran("before there is a key to seal it with", 1, "", "there is no database in data", "import", "crm", "first.csv")
	p := serve(t, dir)
	ran("while the portal serves", 0, "Imported into crm.contacts: 2 rows (csv, gb18030)\n  2 new, 0 changed", "",
		"import", "crm", "first.csv", "--preset", "jiandaoyun", "--map", "手机=mobile")
	ran("a check afterwards", 0, "ok  source crm: reached, 1 collections fit their map", "", "check")
	ran("a second import", 0, "1 new, 1 changed (1 values), 0 as before, 1 gone, 0 back", "", "import", "crm", "second.csv")
	p.stop()
	if log := p.errs.String(); strings.Contains(log, "example.com") || strings.Contains(log, "欧阳") {
		t.Errorf("the portal's log has a value:\n%s", log)
	}
	ran("rows that cannot be imported", 1, "", "2 of 3 rows cannot be imported, so nothing was: see ", "import", "crm", "faulty.csv")
	report, err := os.ReadFile(filepath.Join(dir, "faulty.csv.faults.csv"))
	if want := "\ufeffrow,column,what,why\r\n3,id,the key is empty,every record has a key: take rows of totals out of the file\r\n4,id,text follows the closing quotation mark,"; err != nil || !bytes.HasPrefix(report, []byte(want)) || bytes.Contains(report, []byte("SECRET")) {
		t.Errorf("the report is %q, %v", report, err)
	}
	ran("nothing of it was", 0, "0 new, 1 changed (1 values), 0 as before, 1 gone, 1 back", "", "import", "crm", "first.csv", "--preset", "jiandaoyun", "--map", "手机=mobile")
	ran("those that can", 0, "rows that cannot be imported, and were left out: 2", "", "import", "crm", "faulty.csv", "--partial")
	ran("a file without a header", 1, "", "the first row of the file must name the columns", "import", "crm", "other.csv")
	ran("no workbook", 1, "", "zip.xlsx: the file is named .xlsx and is none", "import", "crm", "zip.xlsx")
	ran("a source that is asked itself", 2, "", "driver: sqlite", "import", "shop", "first.csv")
	ran("no source", 2, "", "did you mean crm?", "import", "crn", "first.csv")
	ran("no preset", 2, "", `there is no preset "zoho": did you mean zoho-contact?`, "import", "crm", "first.csv", "--preset", "zoho")
	ran("a field that is not there", 1, "", `has no field "emali", did you mean "email"?`, "import", "crm", "second.csv", "--map", "Mail=emali")
	ran("half a word", 2, "", "--map wants a column and its field", "import", "crm", "second.csv", "--map", "Mail")
	ran("the audit log", 0, "whole", "", "audit", "verify")
	files, err := filepath.Glob(filepath.Join(dir, "data", "snapshots", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || bytes.Contains(text, []byte("example.com")) || bytes.Contains(text, []byte("欧阳")) {
			t.Errorf("%s holds a value in clear, %v", file, err)
		}
	}
}

func TestProgressIsALineNowAndThenWhereThereIsNoTerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.show(1000, 0.5)
	if out.Len() > 0 {
		t.Errorf("at once it says %q", out.String())
	}
	p.every = 0
	p.show(2000, 0.25)
	p.terminal = true
	p.show(3000, 0.5)
	p.end()
	if want := " 25 %  2000 rows\n\r[###############...............]  50 %  3000 rows \r" + strings.Repeat(" ", 60) + "\r"; out.String() != want {
		t.Errorf("it says %q", out.String())
	}
}
