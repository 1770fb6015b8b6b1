package rights

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// fact is one line of docs/law.md.
type fact struct{ what, value, citation, confidence string }

func (s Source) as(what, value string) fact {
	return fact{what, value, s.Citation, string(s.Confidence)}
}

func facts(g Regime) []fact {
	out := []fact{g.Law.as("law", "")}
	for _, r := range g.Rights {
		out = append(out, r.as("right", string(r.Right)))
	}
	for _, t := range []struct {
		what string
		term Term
	}{
		{"acknowledgement", g.Ack}, {"response", g.Reply}, {"extension, told before the response is due", g.Extension},
		{"opt-out", g.OptOut}, {"account cancellation", g.Cancellation}, {"complaint acknowledgement", g.ComplaintAck},
		{"appeal", g.Appeal}, {"extension of the appeal", g.AppealExtension}, {"records", g.Records},
	} {
		if !t.term.IsZero() {
			out = append(out, t.term.as(t.what, t.term.String()))
		}
	}
	for _, s := range g.Stops {
		how := "the days after asking, up to the answer, do not count"
		switch {
		case s.Restarts:
			how = "the period begins on the day of the answer"
		case s.BothEnds:
			how = "the days from asking to the answer, both inclusive, do not count"
		}
		if s.Doubtful {
			how += "; guidance only, so the strict date runs on"
		}
		out = append(out, s.as("pause for "+s.Why, how))
	}
	for _, ground := range g.Refusals {
		what := ground.ID
		for i, r := range ground.Right {
			what += []string{" (", ", "}[min(i, 1)] + string(r)
		}
		if ground.Right != nil {
			what += ")"
		}
		out = append(out, ground.as("refusal", what))
	}
	out = append(out, g.Route.as("complaint route", g.RouteKey()),
		g.NeverDiscloseSource.as("never disclosed", strings.Join(g.NeverDisclose, ", ")))
	if g.PassOn.Citation != "" {
		out = append(out, g.PassOn.as("recipients are told", ""))
	}
	for _, d := range g.Duties {
		value := d.Term.String()
		if d.Operator != "" {
			value += "; operator: " + d.Operator
		}
		if d.MoreThan > 0 {
			value += fmt.Sprintf("; more than %d people", d.MoreThan)
		}
		if len(d.Contents) > 0 {
			value += "; says " + strings.Join(d.Contents, ", ")
		}
		if len(d.Exempt) > 0 {
			value += "; not if " + strings.Join(d.Exempt, ", ")
		}
		out = append(out, d.as(string(d.Kind), value))
	}
	return out
}

const lawHead = `# The law that Habeas keeps

Written by ` + "`go test ./rights -run LawDocument -update`" + ` from the data in rights/regime*.go; a test fails when it is stale.
"confirmed" facts were seen in a source. "memory" facts a lawyer should check before anybody relies on them; they are
listed once more at the end.

## How dates are counted

- **Months** end on the same-numbered day, or on the month's last day where it has none (Reg. 1182/71 Art. 3(2)(c),
  PRC Civil Code Art. 202). Month-end does not stick. An extension counts from the original start, never from a
  rolled date.
- **EU, UK, China**: an end on a day of rest moves to the next working day. Without a country the EU knows weekends only, and
  the date says so. Holidays of single regions (German Länder, Spanish communities), and eves that only some national laws
  treat as holidays (Finland, Sweden), are left out: the date is then the earlier one.
- **Hours** elapse and never roll. GDPR Art. 33: the due date leaves out the hour of awareness (Reg. 1182/71 Art. 3(1)),
  the strict one counts 72 plain hours. An event on the full hour has both at once.
- **Two readings**: "due" is the statutory, later date; alerts go by "strict". CCPA "business day" is defined nowhere: due
  skips federal holidays and César Chávez Day, strict skips weekends only. The day after Thanksgiving is no holiday of
  Gov. Code 6700, so both count it. The CCPA's 45 days "begin on the day of receipt": strict makes that day one.
- **Pauses**: UK identity checks restart the clock (Art. 12A); UK clarification takes out every day from asking to answering,
  both inclusive. In the EU only guidance stops the clock: due stands still, strict runs on. California never stops.
  Days before the clock starts cannot be taken out of it, nor can a pause begin once the period has ended.
- **UK complaints**: 30 days "beginning with" receipt count that day, and the end does not roll: the earlier reading.
- **Americas and India**: no roll over weekends: the earlier reading.
- **China**: working days follow the State Council's notice of each year, make-up weekends (调休) included. After the last
  published notice only weekends rest and every such date says that it is provisional; so do the computed holiday files
  (2024 to 2030) before and after their years.
- **At once** ("without undue delay", 立即) has no number: it is due from the first moment, and says so.

`

func lawDocument() string {
	var b, memory strings.Builder
	b.WriteString(lawHead)
	cell := strings.NewReplacer("|", "\\|").Replace
	for _, g := range Regimes {
		fmt.Fprintf(&b, "## %s\n\n| fact | value | citation | confidence |\n|---|---|---|---|\n", g.ID)
		for _, f := range facts(g) {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.what, cell(f.value), cell(f.citation), f.confidence)
			if f.confidence == string(FromMemory) {
				fmt.Fprintf(&memory, "- %s: %s, %s (%s)\n", g.ID, f.what, f.value, f.citation)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("## Holidays\n\n")
	entries, err := holidayFiles.ReadDir("holidays")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		text, err := holidayFiles.ReadFile("holidays/" + e.Name())
		if err != nil {
			panic(err)
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		fmt.Fprintf(&b, "- `rights/holidays/%s`: %s\n", e.Name(), first)
	}
	fmt.Fprintf(&b, "\n## From memory: for a lawyer to check\n\n%s", memory.String())
	return b.String()
}

func TestLawDocumentIsFresh(t *testing.T) {
	const file = "../docs/law.md"
	want := lawDocument()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run go test ./rights -run LawDocument -update", file)
	}
}
