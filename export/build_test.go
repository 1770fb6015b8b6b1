package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"habeas/export"
	"habeas/rights"
	"habeas/sources"
	"habeas/sources/sample"
)

func TestAPackageHoldsEveryFormOfEveryRecord(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressA))
	want := []string{
		"index.html", "index.zh-CN.html", "README.txt", "activities.json", "consents.json", "requests.json",
		"schema/shop/customers.json", "schema/shop/orders.json", "schema/desk/letters_来信.json", "manifest.json",
		"pages/shop/customers.html", "pages/shop/orders.html", "pages/desk/letters_来信.html",
		"data/shop/customers.csv", "data/shop/orders.csv", "data/desk/letters_来信.csv",
		"data/shop/customers.json", "data/shop/orders.json", "data/desk/letters_来信.json",
	}
	if !slices.Equal(a.names, want) {
		t.Errorf("files are\n%q, want\n%q", a.names, want)
	}
	if a.result.Records != 6 || len(a.result.Missing) > 0 || a.result.Bytes != int64(len(a.raw)) {
		t.Errorf("result is %+v over %d bytes", a.result, len(a.raw))
	}
	if sum := sha256.Sum256(a.raw); hex.EncodeToString(sum[:]) != a.result.SHA256 {
		t.Error("the sum of the ZIP is not the one of the result")
	}
	wantOrders := `[
{"id":10,"customer_id":1,"item":"Teapot, blue","amount":24.5,"note":"=HYPERLINK(\"http://evil.example\")"},
{"id":12,"customer_id":1,"item":"茶壶“青花”\r\n第二行","amount":-3,"note":"<script>alert(1)</script>"},
{"id":13,"customer_id":1,"item":null,"amount":"n/a","note":""}
]
`
	if got := a.files["data/shop/orders.json"]; got != wantOrders {
		t.Errorf("orders.json is\n%s", got)
	}
	wantCSV := "\uFEFFid,customer_id,item,amount,note\r\n" +
		"10,1,\"Teapot, blue\",24.5,\"'=HYPERLINK(\"\"http://evil.example\"\")\"\r\n" +
		"12,1,\"茶壶“青花”\r\n第二行\",-3,<script>alert(1)</script>\r\n" +
		"13,1,,n/a,\"\"\r\n"
	if got := a.files["data/shop/orders.csv"]; got != wantCSV {
		t.Errorf("orders.csv is\n%q, want\n%q", got, wantCSV)
	}
	page := a.files["pages/shop/orders.html"]
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("text of a record reached the page as HTML")
	}
}

func TestTheManifestSaysWhatIsInAndWhatIsNot(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressA))
	var m manifest
	a.read(t, "manifest.json", &m)
	if m.Format.Name != "habeas-export" || m.Format.Version != 1 || !m.Complete || m.Records != 6 || m.MadeAt != "2026-11-22T09:30:15+01:00" {
		t.Errorf("manifest begins %+v %v %d %s", m.Format, m.Complete, m.Records, m.MadeAt)
	}
	if m.Request["reference"] != "HB-7Q4K-9TXM" || m.Request["right"] != "access" || m.Request["regime"] != "eu_gdpr" || m.Request["received_at"] == "" {
		t.Errorf("request is %v", m.Request)
	}
	if len(m.Files) != len(a.names)-1 {
		t.Errorf("%d files are listed, %d are there besides the manifest", len(m.Files), len(a.names)-1)
	}
	for _, f := range m.Files {
		body, ok := a.files[f.Path]
		sum := sha256.Sum256([]byte(body))
		if !ok || f.Bytes != len(body) || f.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s is not as the manifest says", f.Path)
		}
		if (f.Records != nil) != (strings.HasPrefix(f.Path, "data/") || strings.HasPrefix(f.Path, "pages/")) {
			t.Errorf("%s: a count of records where there are none, or none where there are", f.Path)
		}
	}
	if n := *m.Files[len(m.Files)-2].Records; n != 3 {
		t.Errorf("orders.json has %d records by the manifest", n)
	}
	states := map[string]string{}
	for _, s := range m.Sources {
		for _, c := range s.Collections {
			states[s.Source+"."+c.Collection] = fmt.Sprintf("%s %s %d", s.State, c.State, c.Records)
		}
	}
	want := map[string]string{"shop.customers": "complete complete 1", "shop.orders": "complete complete 3", "shop.wishes": "complete complete 0", "desk.letters/来信": "complete complete 2"}
	if !reflect.DeepEqual(states, want) {
		t.Errorf("sources are %v", states)
	}
}

func TestWhatIsAboutTheDataIsToldToo(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressA))
	var activities []map[string]any
	a.read(t, "activities.json", &activities)
	got, err := json.Marshal(activities[1])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"bases":["contract"],"categories":["user.behavior.purchase_history"],"classification":"ordinary","collection":"orders",` +
		`"label":{"en":"Orders","zh-CN":"订单"},"origins":["observed"],"purposes":[{"en":"To sell and deliver","zh-CN":"销售与配送"}],` +
		`"recipients":[{"en":"Our carrier","zh-CN":"承运人"}],"retention":[{"en":"Ten years","zh-CN":"十年"}],"source":"shop"}`
	if string(got) != want {
		t.Errorf("activity is\n%s, want\n%s", got, want)
	}
	var consents struct {
		Purposes []struct {
			Purpose, Choice, Until string
			Active                 bool
		}
		Events []struct{ ID, Reference string }
	}
	a.read(t, "consents.json", &consents)
	if p := consents.Purposes; len(p) != 2 || p[0].Choice != "granted" || !p[0].Active || p[0].Until == "" || p[1].Choice != "" || p[1].Active {
		t.Errorf("purposes are %+v", p)
	}
	if e := consents.Events; len(e) != 1 || e[0].Reference != "HB-7Q4K-9TXM" {
		t.Errorf("events are %+v", e)
	}
	var requests []map[string]string
	a.read(t, "requests.json", &requests)
	if len(requests) != 1 || requests[0]["reference"] != "HB-7Q4K-9TXM" || requests[0]["due"] != "2026-12-22" {
		t.Errorf("requests are %v", requests)
	}
	if strings.Contains(a.everything(), "officer-7") {
		t.Error("the package names who in the house works on the request")
	}
}

func TestTheSameDataGivesTheSameBytes(t *testing.T) {
	set := shop(t, sources.Options{}, customers(), orders())
	first := build(t, input(t, set, addressA))
	for range 3 {
		if again := build(t, input(t, set, addressA)); !bytes.Equal(first.raw, again.raw) {
			t.Fatal("two packages of the same data differ")
		}
	}
	other := shop(t, sources.Options{}, customers(), orders()) // another file on another path
	if again := build(t, input(t, other, addressA)); !bytes.Equal(first.raw, again.raw) {
		t.Error("the package depends on where the data lies")
	}
}

func TestSomebodyWeHoldNothingOfGetsThatAsAnAnswer(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), orders()), "nobody@example.org"))
	var m manifest
	a.read(t, "manifest.json", &m)
	if m.Records != 0 || !m.Complete || a.result.Records != 0 || strings.Contains(a.everything(), "data/") && len(a.names) != 7 {
		t.Errorf("the package of nobody has %d records in %v", m.Records, a.names)
	}
	if !strings.Contains(a.files["index.html"], "Nothing stored: Your profile, Orders, Wishes.") {
		t.Error("the index does not say what we looked for")
	}
}

func TestASourceThatFailsIsNamedAndTheRestIsThere(t *testing.T) {
	long := orders()
	long.Rows = append(long.Rows, []any{20, 1, strings.Repeat("x", 5000), 1, "SECRET-IN-A-RECORD"}) // too large a record, after three others
	set := shop(t, sources.Options{RecordBytes: 4000}, customers(), long)
	a := build(t, input(t, set, addressA))
	var m manifest
	a.read(t, "manifest.json", &m)
	c := m.Sources[0].Collections[1]
	if len(a.result.Missing) == 0 || m.Complete || m.Sources[0].State != "failed" || m.Sources[0].Reason != "large" || c.State != "failed" || c.Reason != "large" || c.Records != 0 || c.Files != nil {
		t.Errorf("the failure is told as %+v, incomplete %v", m.Sources[0], len(a.result.Missing) > 0)
	}
	if m.Sources[1].State != "complete" || a.files["data/desk/letters_来信.json"] == "" || a.files["data/shop/customers.json"] == "" {
		t.Error("what did not fail is missing")
	}
	for _, name := range a.names {
		if strings.Contains(name, "orders") {
			t.Errorf("%s is half a file", name)
		}
	}
	if a.result.Records != 3 || m.Records != 3 {
		t.Errorf("%d and %d records are counted", a.result.Records, m.Records)
	}
	for _, page := range []string{"index.html", "README.txt"} {
		if !strings.Contains(a.files[page], "This copy is not complete.") {
			t.Errorf("%s does not say that something is missing", page)
		}
	}
	if strings.Contains(a.everything(), "SECRET-IN-A-RECORD") {
		t.Error("the failure quotes a record")
	}
}

func TestASourceThatIsGoneIsNamed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "desk.db")
	if err := sample.Make(t.Context(), file, deskSchema, []sample.Table{letters()}); err != nil {
		t.Fatal(err)
	}
	set := open(t, sources.Options{},
		sources.Config{Key: "shop", Driver: "sqlite", DSN: "file:" + filepath.Join(dir, "no-such.db"), Dataset: "testdata/shop.yml"},
		sources.Config{Key: "desk", Driver: "sqlite", DSN: "file:" + file, Dataset: "testdata/desk.yml"})
	a := build(t, input(t, set, addressA))
	var m manifest
	a.read(t, "manifest.json", &m)
	if len(a.result.Missing) == 0 || m.Sources[0].State != "failed" || m.Sources[0].Reason != "down" {
		t.Errorf("the failure is told as %+v", m.Sources[0])
	}
	if strings.Contains(a.everything(), "no-such.db") {
		t.Error("the package quotes a path of ours")
	}
}

func TestProgressIsToldAndMayEndTheBuild(t *testing.T) {
	set := shop(t, sources.Options{}, customers(), many(2500))
	in := input(t, set, addressA)
	var steps [][2]int
	in.Progress = func(done, total int) error {
		steps = append(steps, [2]int{done, total})
		return nil
	}
	build(t, in)
	want := [][2]int{{1000, 2503}, {2000, 2503}, {2503, 2503}, {2503, 2503}}
	if !reflect.DeepEqual(steps, want) {
		t.Errorf("progress was %v", steps)
	}
	stop := errors.New("stop")
	in.Progress = func(int, int) error { return stop }
	if _, err := export.Build(t.Context(), &bytes.Buffer{}, in); !errors.Is(err, stop) {
		t.Errorf("the error of Progress became %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	in.Progress = func(int, int) error { cancel(); return nil }
	if _, err := export.Build(ctx, &bytes.Buffer{}, in); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled build ended with %v", err)
	}
}

// many is a table of orders of the first customer.
func many(n int) sample.Table {
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{i + 1, 1, fmt.Sprintf("Item %d of the autumn catalogue", i%977), float64(i%9000) / 100, "left at the door"}
	}
	return sample.Table{Name: "orders", Rows: rows}
}

func TestLongCollectionsArePaged(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), many(2001)), addressA))
	for name, wants := range map[string][]string{
		"pages/shop/orders.html":   {`href="orders~2.html" rel="next"`, "Records 1 to 1,000"},
		"pages/shop/orders~2.html": {`href="orders.html" rel="prev"`, `href="orders~3.html" rel="next"`, "Records 1,001 to 2,000"},
		"pages/shop/orders~3.html": {`href="orders~2.html" rel="prev"`, "Records 2,001 to 2,001"},
	} {
		for _, want := range wants {
			if !strings.Contains(a.files[name], want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	if strings.Contains(a.files["pages/shop/orders~3.html"], `rel="next"`) {
		t.Error("the last page leads on")
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.files["data/shop/orders.csv"], "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 2002 {
		t.Errorf("the CSV has %d rows: %v", len(rows), err)
	}
}

func TestPagesAreInThePersonsLanguage(t *testing.T) {
	in := input(t, shop(t, sources.Options{}, customers(), orders()), addressA)
	in.Language = "zh-CN"
	a := build(t, in)
	for name, want := range map[string]string{
		"index.html":             "您的个人信息副本",
		"index.en.html":          "A copy of your personal data",
		"pages/shop/orders.html": "订单号",
		"README.txt":             "请先解压",
	} {
		if !strings.Contains(a.files[name], want) {
			t.Errorf("%s lacks %q", name, want)
		}
	}
	for name, body := range a.files {
		if strings.Contains(body, "⟦") {
			t.Errorf("%s lacks a word: %s", name, body[strings.Index(body, "⟦"):][:60])
		}
	}
}

func TestPagesCallNobody(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressA))
	for name, body := range a.files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		if !strings.Contains(body, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
			t.Errorf("%s has no policy", name)
		}
		for _, banned := range []string{"src=", "url(", "@import", `href="http`, `href="//`, "<script", "<link", " style=", "<form"} {
			if strings.Contains(body, banned) {
				t.Errorf("%s has %q", name, banned)
			}
		}
		for _, part := range strings.Split(body, `href="`)[1:] {
			target, _, _ := strings.Cut(part, `"`)
			if strings.HasPrefix(target, "#") {
				continue
			}
			path, err := pathOf(name, target)
			if err != nil || a.files[path] == "" {
				t.Errorf("%s links %s, which is not there", name, target)
			}
		}
	}
}

func TestAPackageIsRefusedUnderALawWeDoNotKnow(t *testing.T) {
	in := input(t, shop(t, sources.Options{}, customers()), addressA)
	in.Request.Regime = "atlantis"
	file, _, err := export.Create(filepath.Join(t.TempDir(), "p.age"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := export.Build(t.Context(), file, in); err == nil {
		t.Error("a package was made")
	}
	if err := file.Close(); err == nil {
		t.Error("half a package closed as a whole one")
	}
}

func TestPortabilityLeavesOutWhatWeWorkedOut(t *testing.T) {
	in := input(t, shop(t, sources.Options{}, customers(), orders()), addressA)
	in.Request.Right = rights.Portability
	a := build(t, in)
	if strings.Contains(a.files["data/shop/customers.json"], "keen") || !strings.Contains(a.files["data/shop/customers.json"], "Ana") {
		t.Errorf("customers.json is %s", a.files["data/shop/customers.json"])
	}
}

func TestACollectionOfSecretsIsNamedAndHasNoFiles(t *testing.T) {
	dir := t.TempDir()
	file, datamap := filepath.Join(dir, "keys.db"), filepath.Join(dir, "keys.yml")
	err := sample.Make(t.Context(), file, `CREATE TABLE logins (id INTEGER PRIMARY KEY, mail TEXT)`, []sample.Table{{Name: "logins", Rows: [][]any{{77001, addressA}}}})
	if err == nil {
		err = os.WriteFile(datamap, []byte(`
dataset:
  - fides_key: keys
    collections:
      - name: logins
        data_categories: [user.authorization.credentials]
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: mail, fides_meta: {identity: email}}
`), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	a := build(t, input(t, open(t, sources.Options{}, sources.Config{Key: "keys", Driver: "sqlite", DSN: "file:" + file, Dataset: datamap}), addressA))
	var m manifest
	a.read(t, "manifest.json", &m)
	c := m.Sources[0].Collections[0]
	if len(c.Withheld) != 2 || c.Files != nil || c.Records != 0 || c.State != "complete" || a.result.Records != 0 {
		t.Errorf("the secrets are told as %+v", c)
	}
	if strings.Contains(a.everything(), "77001") || !strings.Contains(a.files["index.html"], "<b>Logins</b>") {
		t.Error("the index does not name what is held, or shows it")
	}
}
