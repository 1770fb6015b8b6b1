package export

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

func decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s is not JSON: %v", text, err)
	}
	return v
}

func TestJSONKeepsTheTypesOfTheSource(t *testing.T) {
	for _, row := range []struct {
		value any
		want  string
	}{
		{nil, "null"}, {true, "true"}, {int64(math.MaxInt64), "9223372036854775807"}, {-0.5, "-0.5"}, {1e21, "1e+21"}, {1e-7, "1e-07"},
		{math.Inf(1), `"+Inf"`}, {"a\"b\\\n\u0001", `"a\"b\\\n\u0001"`}, {[]byte("hi"), `"aGk="`},
		{[]any{int64(1), "a", nil}, `[1,"a",null]`}, {map[string]any{"b": int64(1), "a": []any{}}, `{"a":[],"b":1}`},
		{sources.Object{{Field: &sources.Field{Name: "z"}, Value: "1"}, {Field: &sources.Field{Name: "a"}, Value: false}}, `{"z":"1","a":false}`},
	} {
		if got := string(appendJSON(nil, row.value, &shape{})); got != row.want {
			t.Errorf("%v is written %s, want %s", row.value, got, row.want)
		} else {
			decode(t, got)
		}
	}
}

// every category of the taxonomy that 11 CCR 7024(d) names, and some beside them that it does not.
func TestWhatNoPackageHoldsInFull(t *testing.T) {
	eu, _ := rights.RegimeByID("eu_gdpr")
	california, _ := rights.RegimeByID("ccpa")
	for _, row := range []struct {
		category  string
		eu, calif string
	}{
		{"user.name", full, full},
		{"user.contact.email", full, full},
		{"user.health.medical_diagnosis", full, full},
		{"user.financial", full, full},
		{"user.government_identity", full, full}, // merely begins alike
		{"user.authorization.password", leftOut, leftOut},
		{"user.authorization.biometric", leftOut, leftOut},
		{"system.authentication", leftOut, leftOut},
		{"user.biometric", leftOut, leftOut},
		{"user.biometrics.fingerprint", leftOut, leftOut},
		{"user.government_id", masked, leftOut},
		{"user.government_id.national_identification_number", masked, leftOut},
		{"user.financial.bank_account", masked, leftOut},
		{"user.financial.credit_card", masked, leftOut},
		{"user.health_and_medical.record_id", masked, leftOut},
		{"user.health.insurance_beneficiary_id", masked, leftOut},
	} {
		f := &sources.Field{Name: "f", Categories: []string{"user.unique_id", row.category}}
		if got := treat(f, eu, rights.Access); got.shown != row.eu || got.shown != full && got.citation == "" {
			t.Errorf("%s under the GDPR is %+v, want %q", row.category, got, row.eu)
		}
		if got := treat(f, california, rights.Access); got.shown != row.calif || got.shown != full && got.citation == "" {
			t.Errorf("%s under the CCPA is %+v, want %q", row.category, got, row.calif)
		}
	}
	for _, g := range rights.Regimes {
		for _, category := range g.NeverDisclose {
			if got := treat(&sources.Field{Categories: []string{category}}, g, rights.Access); got.shown != leftOut {
				t.Errorf("%s shows %s, which it forbids", g.ID, category)
			}
		}
	}
}

func TestEveryWithholdingIsOfTheTaxonomyOrOfItsNextVersion(t *testing.T) {
	for _, w := range rights.Withholdings {
		if !slices.Contains(sources.Categories, w.Category) && w.Category != "user.financial.account_number" {
			t.Errorf("%s is no category", w.Category)
		}
	}
}

func TestFileNamesAreSafe(t *testing.T) {
	n := names{}
	var got []string
	for _, key := range []string{"orders", "Orders", "../../etc/passwd", "..", "", "a/b", `a\b`, "订单", "con", "LPT1.txt", "orders", "x.", strings.Repeat("é", 100), "a\x00b\xff"} {
		got = append(got, n.of("data/shop", key))
	}
	want := []string{"orders", "Orders-2", "_.._etc_passwd", "_", "_-2", "a_b", "a_b-2", "订单", "_con", "_LPT1.txt", "orders", "x", strings.Repeat("é", 40), "a_b_"}
	if !slices.Equal(got, want) {
		t.Errorf("names are\n%q, want\n%q", got, want)
	}
	if n.of("data/crm", "orders") != "orders" {
		t.Error("another directory's names count")
	}
}

func TestASpoolGivesBackWhatItTook(t *testing.T) {
	for _, size := range []int{0, 1, spoolInMemory, spoolInMemory + 1, 3*spoolInMemory + 17} {
		s := &spool{dir: t.TempDir()}
		want := bytes.Repeat([]byte("0123456789abcde"), size/15+1)[:size]
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 70_000)
			if _, err := s.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if (s.file != nil) != (size > spoolInMemory) {
			t.Errorf("%d bytes: a file is %v", size, s.file != nil)
		}
		r, err := s.reader()
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if _, err := got.ReadFrom(r); err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%d bytes: got %d back, %v", size, got.Len(), err)
		}
		if s.file != nil {
			disk := make([]byte, size)
			n, _ := s.file.ReadAt(disk, 0) // shorter or longer than what was written, never the same
			if !bytes.HasPrefix(disk, []byte("age-encryption.org/v1\n")) || bytes.Contains(disk[:n], want[:15]) {
				t.Error("what is on the disk is not sealed")
			}
		}
		if err := s.remove(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(s.dir); err != nil || len(left) > 0 {
			t.Errorf("%v stays on the disk: %v", left, err)
		}
	}
}
