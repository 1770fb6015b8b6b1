package rights

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"
)

func vectors(t testing.TB, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// The vectors name regimes and kinds in words.
var (
	vectorRegimes = map[string]string{
		"UK GDPR": "uk_gdpr", "UK DPA s.164A": "uk_gdpr", "EU GDPR": "eu_gdpr", "CCPA": "ccpa", "Cal. 1798.82": "ccpa",
		"CN App method": "cn_pipl", "Colorado": "us_co", "Virginia": "us_va", "India DPDP": "in_dpdp",
	}
	vectorKinds = map[string]Kind{
		"response": KindResponse, "extended": KindExtended, "complaint acknowledgement": KindComplaintAck,
		"acknowledge": KindAck, "record retention": KindRecords, "AG sample": KindBreachSample,
		"account cancellation": KindCancellation, "appeal decision": KindAppeal, "rights/grievance outer limit": KindResponse,
	}
	// arithmetic rows test the calendar and no regime.
	arithmetic = map[string]func(Date) Date{
		"1 month, clamp": func(d Date) Date { return d.AddMonths(1) },
		"1 month":        func(d Date) Date { return d.AddMonths(1) },
		"3 months, day of event not counted, same number; no weekend roll in that rule set": func(d Date) Date { return d.AddMonths(3) },
		"6 weeks starting WITH the date (inclusive)":                                        func(d Date) Date { return Term{Days: 42, FirstDayCounts: true}.end(d, Calendar{}) },
		"6 weeks FROM the date (exclusive)":                                                 func(d Date) Date { return Term{Days: 42}.end(d, Calendar{}) },
	}
)

func TestDeadlineVectors(t *testing.T) {
	for _, v := range vectors(t, "deadline_vectors.csv") {
		start, want := date(t, v["start"]), date(t, v["expected_due"])
		if id, ok := vectorRegimes[v["regime"]]; ok {
			kind, strict, _ := strings.Cut(v["deadline_kind"], " (")
			k, ok := vectorKinds[kind]
			if !ok {
				t.Fatalf("%s: unknown kind %q", v["id"], kind)
			}
			g, _ := RegimeByID(id)
			f := Facts{Received: start.In(time.UTC)}
			if strings.HasPrefix(strict, "ID asked") {
				f.IdentityAsked, f.IdentityReceived = NewDate(2026, 3, 3), NewDate(2026, 3, 10)
			}
			d, ok := g.deadline(k, f)
			if !ok {
				t.Errorf("%s: %s has no %s", v["id"], id, k)
				continue
			}
			got := d.Due
			if strings.HasPrefix(strict, "strict") {
				got = d.StrictDue
			}
			if got != want {
				t.Errorf("%s: %s %s from %s: got %s, want %s (%s)", v["id"], id, v["deadline_kind"], start, got, want, v["rule"])
			}
			continue
		}
		compute, ok := arithmetic[v["rule"]]
		if !ok {
			t.Fatalf("%s: no rule for %q", v["id"], v["rule"])
		}
		if got := compute(start); got != want {
			t.Errorf("%s: %s from %s: got %s, want %s", v["id"], v["rule"], start, got, want)
		}
	}
}

func TestHourVectors(t *testing.T) {
	type row struct {
		regime, operator string
		kind             Kind
	}
	rows := map[string]row{
		"EU GDPR Art 33": {"eu_gdpr", "", KindBreachAuthority},
		"CN incident (relatively major, other operator)": {"cn_pipl", "", KindBreachAuthority},
		"CN incident (CIIO)":                             {"cn_pipl", OperatorCIIO, KindBreachAuthority},
		"CN incident summary":                            {"cn_pipl", "", KindBreachSummary},
		"India DPDP r.7":                                 {"in_dpdp", "", KindBreachAuthority},
	}
	for _, v := range vectors(t, "hour_vectors.csv") {
		r, ok := rows[v["regime"]]
		if !ok {
			t.Fatalf("no row for %q", v["regime"])
		}
		g, _ := RegimeByID(r.regime)
		if r.kind == KindBreachSummary {
			d, _ := g.deadline(r.kind, Facts{Received: date(t, v["aware_at"]).In(time.UTC)})
			if d.Due.String() != v["due_at"] {
				t.Errorf("%s: got %s, want %s", v["regime"], d.Due, v["due_at"])
			}
			continue
		}
		aware, err := time.Parse(time.RFC3339, v["aware_at"])
		if err != nil {
			t.Fatal(err)
		}
		want, err := time.Parse(time.RFC3339, v["due_at"])
		if err != nil {
			t.Fatal(err)
		}
		d, _ := g.deadline(r.kind, Facts{Received: aware, Operator: r.operator})
		got := d.StrictAt
		if strings.Contains(v["rule"], "1182/71") {
			got = d.At
		}
		if !got.Equal(want) {
			t.Errorf("%s, %s: got %s, want %s", v["regime"], v["rule"], got, want)
		}
	}
}
