package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/export"
	"habeas/rights"
	"habeas/sources"
	"habeas/sources/sample"
)

const shopSchema = `
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, password_hash TEXT, passport TEXT, iban TEXT,
	voiceprint BLOB, balance, segment TEXT, photo BLOB, adviser TEXT, profile TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, item TEXT, amount, note TEXT);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE wishes (id INTEGER PRIMARY KEY, customer_id INTEGER, text TEXT);`

const deskSchema = `CREATE TABLE "letters/来信" (id INTEGER PRIMARY KEY, sender TEXT, text TEXT)`

// Two people whose words overlap: whatever is B's own says so with a mark that A's package must not contain.
const (
	addressA = "ana@example.org"
	addressB = "ana.b@example.org"
)

func customers() sample.Table {
	return sample.Table{Name: "customers", Rows: [][]any{
		{1, "Ana Núñez <b>", addressA, "hash-of-a", "P1234567X", "DE89370400440532013000", []byte("voice-of-a"), -12.5, "keen",
			[]byte{0, 1, 2, 255}, "Adviser Adam", `{"theme":"dark","licence":"L998877665","hint":"rex-the-dog","friend":"Fred","unmapped":"u"}`},
		{2, "Ana Núñez MARK-B", addressB, "hash-MARK-B", "MARK-B-777", "MARK-B-IBAN", []byte("MARK-B"), 9.25, "MARK-B", nil, "MARK-B", `{"theme":"MARK-B"}`},
	}}
}

func orders() sample.Table {
	return sample.Table{Name: "orders", Rows: [][]any{
		{10, 1, "Teapot, blue", 24.5, "=HYPERLINK(\"http://evil.example\")"},
		{11, 2, "Teapot, blue MARK-B", 24.5, "MARK-B"},
		{12, 1, "茶壶“青花”\r\n第二行", -3, "<script>alert(1)</script>"},
		{13, 1, nil, "n/a", ""},
		{14, 2, "MARK-B", 1, addressA + " MARK-B wrote to " + addressA},
	}}
}

func letters() sample.Table {
	return sample.Table{Name: "letters/来信", Rows: [][]any{
		{1, addressA, "Where is my teapot?"}, {2, addressB, "MARK-B"}, {3, addressA, "谢谢。"},
	}}
}

// shop opens both sources over databases with these tables.
func shop(t testing.TB, options sources.Options, tables ...sample.Table) *sources.Set {
	t.Helper()
	dir := t.TempDir()
	make := func(key, schema string, tables ...sample.Table) sources.Config {
		file := filepath.Join(dir, key+".db")
		if err := sample.Make(t.Context(), file, schema, tables); err != nil {
			t.Fatal(err)
		}
		return sources.Config{Key: key, Driver: "sqlite", DSN: "file:" + file, Dataset: "testdata/" + key + ".yml"}
	}
	return open(t, options, make("shop", shopSchema, tables...), make("desk", deskSchema, letters()))
}

func open(t testing.TB, options sources.Options, configs ...sources.Config) *sources.Set {
	t.Helper()
	set, err := sources.Open(t.Context(), configs, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	})
	return set
}

// madeAt is when every package of these tests is made.
var madeAt = time.Date(2026, 11, 22, 9, 30, 15, 0, time.FixedZone("CET", 3600))

// input is a package for whoever confirmed the address.
func input(t testing.TB, set *sources.Set, address string) export.Input {
	t.Helper()
	match, err := set.Find(t.Context(), sources.Identity{Email: address})
	if err != nil {
		t.Fatal(err)
	}
	r := rights.Request{
		ID: "r-1", Ref: "HB-7Q4K-9TXM", Subject: "s-1", Right: rights.Access, Regime: "eu_gdpr", Channel: rights.ByPortal, Language: "en",
		State: rights.InProgress, ReceivedAt: madeAt.Add(-time.Hour), Due: rights.NewDate(2026, 12, 22), Owner: "officer-7",
	}
	return export.Input{
		Request: r, Mailbox: address, MadeAt: madeAt, Language: "en", Person: match.Person, Sources: set,
		Controller: export.Controller{Name: map[string]string{"en": "Harbour & Home", "zh-CN": "港湾家居"}, Address: "1 Quay St", Contact: "privacy@example.org"},
		Purposes: []rights.Purpose{
			{Key: "news", Title: map[string]string{"en": "Newsletter", "zh-CN": "新闻邮件"}, Text: map[string]string{"en": "We write monthly."}, Basis: "consent", ValidFor: 24, Version: 2},
			{Key: "ads", Title: map[string]string{"en": "Advertising", "zh-CN": "广告"}, Basis: "consent", Version: 1},
		},
		Consents: []rights.ConsentEvent{{ID: "c-1", Subject: "s-1", Purpose: "news", Version: 2, Choice: rights.Granted, At: madeAt.Add(-48 * time.Hour), Via: "portal", Language: "en", TextHash: "aa", Request: "r-1"}},
		Requests: []rights.Request{r},
	}
}

// archive is a package, read as archive/zip reads it.
type archive struct {
	result export.Result
	raw    []byte
	names  []string
	files  map[string]string
}

func build(t testing.TB, in export.Input) archive {
	t.Helper()
	var out bytes.Buffer
	result, err := export.Build(t.Context(), &out, in)
	if err != nil {
		t.Fatal(err)
	}
	return unpack(t, result, out.Bytes())
}

func unpack(t testing.TB, result export.Result, raw []byte) archive {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	a := archive{result: result, raw: raw, files: map[string]string{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r) // checks the CRC
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		a.names = append(a.names, f.Name)
		a.files[f.Name] = string(body)
	}
	return a
}

// read decodes a JSON file of the package.
func (a archive) read(t testing.TB, name string, into any) {
	t.Helper()
	body, ok := a.files[name]
	if !ok {
		t.Fatalf("the package has no %s, but %v", name, a.names)
	}
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// everything is all that is in the package, uncompressed.
func (a archive) everything() string {
	var all strings.Builder
	for _, name := range a.names {
		all.WriteString(name + "\n" + a.files[name] + "\n")
	}
	return all.String()
}

type manifest struct {
	Format struct {
		Name    string
		Version int
	}
	Request  map[string]string
	MadeAt   string `json:"made_at"`
	Complete bool
	Records  int
	Sources  []struct {
		Source, State, Reason, Ground string
		Records                       int
		Collections                   []struct {
			Collection, State, Reason, Ground string
			Records                           int
			Files                             []string
			Withheld                          []struct{ Field, Shown, Ground, Citation string }
		}
	}
	Files []struct {
		Path    string
		Bytes   int
		SHA256  string
		Records *int
	}
}
