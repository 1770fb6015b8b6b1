package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a container without zone files must count the same hours

	"golang.org/x/text/width"

	"habeas/locale"
	"habeas/rights"
)

// deadlineCmd prints every date that a regime sets, counted from one day or moment.
type deadlineCmd struct {
	Regime string `arg:"" help:"The law to count by: eu_gdpr, uk_gdpr, ccpa, cn_pipl, br_lgpd, in_dpdp, ca_qc, us_va or us_co."`
	When   string `arg:"" name:"date-or-time" help:"Day of receipt (2026-11-20), or moment of awareness of a breach (2026-11-20T16:20:00+01:00)."`

	Kind     string `help:"Only this date: ack, response, extension_notice, extended, opt_out, cancellation, complaint_ack, appeal, records, breach_authority, breach_people or breach_sample." placeholder:"KIND"`
	Country  string `help:"Whose public holidays count: an EU country (DE), or GB-ENG, GB-SCT, GB-NIR." placeholder:"CODE"`
	Operator string `help:"For incidents in China: ciio or central; any other without it." placeholder:"KIND"`

	IdentityAsked         string `help:"Day the person was asked who they are; the day of receipt without it." placeholder:"DATE"`
	IdentityReceived      string `help:"Day the person showed who they are." placeholder:"DATE"`
	ClarificationAsked    string `help:"Day the person was asked what they mean." placeholder:"DATE"`
	ClarificationAnswered string `help:"Day the person answered that." placeholder:"DATE"`

	JSON     bool   `name:"json" help:"Print JSON."`
	Language string `help:"Language of the words: en or zh-CN." default:"en" placeholder:"LANG"`
}

// dueJSON is the public form of a deadline (contract.md).
type dueJSON struct {
	Kind      rights.Kind `json:"kind"`
	Due       string      `json:"due"`
	StrictDue string      `json:"strict_due"`
	Citation  string      `json:"citation"`
	Note      string      `json:"note"`
}

// Run computes the dates and writes them to out.
func (c *deadlineCmd) Run(out io.Writer) error {
	g, ok := rights.RegimeByID(c.Regime)
	if !ok {
		return usageError{fmt.Sprintf("unknown regime %q: use one of %s", c.Regime, strings.Join(regimeIDs(), ", "))}
	}
	if !slices.Contains(locale.Languages, c.Language) && c.Language != "" {
		return usageError{fmt.Sprintf("unknown language %q: use one of %s", c.Language, strings.Join(locale.Languages, ", "))}
	}
	facts, wholeDay, err := c.facts(g)
	if err != nil {
		return err
	}
	all := g.Deadlines(facts)
	if c.Kind != "" {
		if all, err = only(all, c.Kind, g.ID); err != nil {
			return err
		}
	}
	rows := make([]dueJSON, 0, len(all))
	for _, d := range all {
		rows = append(rows, c.row(d, wholeDay))
	}
	if c.JSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	return c.table(out, g, facts, rows)
}

// facts reads the flags.
func (c *deadlineCmd) facts(g rights.Regime) (f rights.Facts, wholeDay bool, err error) {
	if f.Received, wholeDay, err = moment(c.When, g); err != nil {
		return f, false, err
	}
	f.Country, err = country(c.Country, g)
	if err != nil {
		return f, false, err
	}
	switch f.Operator = c.Operator; f.Operator {
	case rights.OperatorCIIO, rights.OperatorCentral, "":
	case "other":
		f.Operator = ""
	default:
		return f, false, usageError{fmt.Sprintf("unknown operator %q: use ciio, central or other", c.Operator)}
	}
	for _, day := range []struct {
		flag, text string
		to         *rights.Date
	}{
		{"identity-asked", c.IdentityAsked, &f.IdentityAsked},
		{"identity-received", c.IdentityReceived, &f.IdentityReceived},
		{"clarification-asked", c.ClarificationAsked, &f.ClarificationAsked},
		{"clarification-answered", c.ClarificationAnswered, &f.ClarificationAnswered},
	} {
		if day.text == "" {
			continue
		}
		if *day.to, err = rights.ParseDate(day.text); err != nil {
			return f, false, usageError{fmt.Sprintf("--%s: %v", day.flag, err)}
		}
	}
	for _, span := range []struct {
		what     string
		from, to rights.Date
	}{
		{"--identity-received is before --identity-asked", f.IdentityAsked, f.IdentityReceived},
		{"--clarification-answered is before --clarification-asked", f.ClarificationAsked, f.ClarificationAnswered},
	} {
		if !span.from.IsZero() && !span.to.IsZero() && span.to.Before(span.from) {
			return f, false, usageError{span.what + ": check the two days"}
		}
	}
	return f, wholeDay, nil
}

// moment reads a day, or a moment with or without its zone; without one it is the regime's own.
func moment(s string, g rights.Regime) (at time.Time, wholeDay bool, err error) {
	zone, err := time.LoadLocation(g.Zone)
	if err != nil {
		return at, false, fmt.Errorf("load the zone of %s: %w", g.ID, err)
	}
	if day, err := rights.ParseDate(s); err == nil {
		return day.In(zone), true, nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.In(zoneOf(at, zone, g)), false, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at, false, nil
		}
	}
	return at, false, usageError{fmt.Sprintf("%q is neither a day nor a time: write 2026-01-31 or 2026-01-31T16:20:00+01:00", s)}
}

// zoneOf returns the zone a moment was written in. An offset of the regime's own territory stands for the zone that has
// it on that day, so that the result shows summer time where it falls into it; all of the EU changes at one instant.
func zoneOf(at time.Time, own *time.Location, g rights.Regime) *time.Location {
	zones := []*time.Location{own}
	if g.ID == "eu_gdpr" {
		for _, name := range []string{"Europe/Lisbon", "Europe/Athens"} {
			if loc, err := time.LoadLocation(name); err == nil {
				zones = append(zones, loc)
			}
		}
	}
	_, offset := at.Zone()
	for _, loc := range zones {
		if _, o := at.In(loc).Zone(); o == offset {
			return loc
		}
	}
	return time.FixedZone("", offset)
}

// country checks a country code where the regime leaves holidays to the country; other regimes have their own calendar.
func country(code string, g rights.Regime) (string, error) {
	code = strings.ToUpper(code)
	switch code {
	case "EL": // the European institutions' code
		code = "GR"
	case "GB", "UK":
		code = "GB-ENG"
	}
	if code == "" || len(g.Countries) == 0 || slices.Contains(g.Countries, code) {
		return code, nil
	}
	return "", usageError{fmt.Sprintf("no holidays of %q under %s: use one of %s", code, g.ID, strings.Join(g.Countries, ", "))}
}

func only(all []rights.Deadline, kind, regime string) ([]rights.Deadline, error) {
	var has []string
	for _, d := range all {
		if string(d.Kind) == kind {
			return []rights.Deadline{d}, nil
		}
		has = append(has, string(d.Kind))
	}
	if slices.Contains(rights.Kinds, rights.Kind(kind)) {
		return nil, usageError{fmt.Sprintf("%s sets no %s: it sets %s", regime, kind, strings.Join(has, ", "))}
	}
	var known []string
	for _, k := range rights.Kinds {
		known = append(known, string(k))
	}
	return nil, usageError{fmt.Sprintf("unknown kind %q: use one of %s", kind, strings.Join(known, ", "))}
}

// row writes a deadline as text: days as 2026-01-31, moments as RFC 3339.
func (c *deadlineCmd) row(d rights.Deadline, wholeDay bool) dueJSON {
	r := dueJSON{Kind: d.Kind, Due: d.Due.String(), StrictDue: d.StrictDue.String(), Citation: d.Citation}
	notes := d.Notes
	if !d.At.IsZero() {
		r.Due, r.StrictDue = d.At.Format(time.RFC3339), d.StrictAt.Format(time.RFC3339)
		if wholeDay {
			notes = append(notes, rights.Note{Key: "note.whole_day"})
		}
	}
	var texts []string
	for _, n := range notes {
		texts = append(texts, locale.T(c.language(), n.Key, n.Pairs()...))
	}
	r.Note = strings.Join(texts, " ")
	return r
}

func (c *deadlineCmd) table(out io.Writer, g rights.Regime, f rights.Facts, rows []dueJSON) error {
	lang := c.language()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", locale.T(lang, "deadline.from",
		"Regime", locale.T(lang, "regime."+g.ID+".law"), "Date", locale.Date(lang, f.Received)))
	cells := [][]string{{locale.T(lang, "deadline.what"), locale.T(lang, "deadline.due"),
		locale.T(lang, "deadline.strict"), locale.T(lang, "deadline.law")}}
	for _, r := range rows {
		cells = append(cells, []string{locale.T(lang, "kind."+string(r.Kind)), r.Due, r.StrictDue, r.Citation})
	}
	align(&b, cells)
	for _, r := range rows {
		if r.Note != "" {
			fmt.Fprintf(&b, "\n%s\n  %s\n", locale.T(lang, "kind."+string(r.Kind)), r.Note)
		}
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("write the dates: %w", err)
	}
	return nil
}

// align writes rows in columns. Terminals show a Chinese character two columns wide, which text/tabwriter cannot know.
func align(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(cell)+2))
			}
		}
		b.WriteString("\n")
	}
}

func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

func (c *deadlineCmd) language() string { return locale.Match(c.Language, "") }

func regimeIDs() []string {
	var ids []string
	for _, g := range rights.Regimes {
		ids = append(ids, g.ID)
	}
	return ids
}
