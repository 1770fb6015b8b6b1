package handlers

import (
	"path/filepath"
	"strconv"
	"strings"

	"habeas/locale"
	"habeas/rights"
	"habeas/workflow"
)

// codeWords says under which keys the codes of a fact have their words. Pages of customers speak to them ("your consent"); a
// record speaks of them, and says the few that differ in words of its own.
var codeWords = map[string][]string{
	"categories": {"activities.category.", "category."}, "bases": {"activities.basis."}, "origins": {"activities.origin."},
	"classification": {"activities.class."}, "subjects": {"activities.subjects."}, "role": {"activities.role."},
	"country": {"activities.country.", "country."},
}

// coded is the word of a code; one that nothing has a word for, like a category of the house's own, stands as it is.
func coded(lang, kind, code string) string {
	for _, prefix := range codeWords[kind] {
		if locale.Has(lang, prefix+code) {
			return locale.T(lang, prefix+code)
		}
	}
	return code
}

// onOneLine are the facts that are said in a word or two each.
var onOneLine = map[string]bool{"bases": true, "subjects": true, "categories": true, "classification": true, "origins": true}

// recordWords writes the values of a fact, a line each.
func recordWords(lang, what string, values []workflow.RecordValue) []string {
	var out []string
	for _, v := range values {
		out = append(out, recordValue(lang, what, v))
	}
	return out
}

func recordValue(lang, what string, v workflow.RecordValue) string {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	name := v.Text.In(lang)
	switch {
	case what == "recipients" && v.Code == "nobody":
		return t("activities.nobody")
	case what == "recipients":
		return recipientWords(lang, v)
	case what == "transfers" && len(v.Note) == 0:
		return t("activities.transfer.bare", "Name", name, "Country", coded(lang, "country", v.Country))
	case what == "transfers":
		return t("activities.transfer", "Name", name, "Country", coded(lang, "country", v.Country), "Safeguard", v.Note.In(lang))
	case what == "copies":
		return t("activities.copy", "Name", name, "Period", periodWords(lang, v.Code))
	case what == "retention" && v.Code != "" && name == "":
		return t("activities.kept", "Period", periodWords(lang, v.Code))
	case what == "retention" && v.Code != "":
		return t("activities.retain", "From", name, "Period", periodWords(lang, v.Code))
	case v.Code != "":
		return coded(lang, what, v.Code)
	case what == "subjects":
		return t("activities.subjects.of", "Name", name)
	}
	return name
}

// recipientWords says who it is, as what, and where: "Mailer: processor, Ireland".
func recipientWords(lang string, v workflow.RecordValue) string {
	var about []string
	if v.Code != "" {
		about = append(about, coded(lang, "role", v.Code))
	}
	if v.Country != "" {
		about = append(about, coded(lang, "country", v.Country))
	}
	if len(v.Note) > 0 {
		about = append(about, v.Note.In(lang))
	}
	if len(about) == 0 {
		return v.Text.In(lang)
	}
	return locale.T(lang, "activities.recipient", "Name", v.Text.In(lang), "About", strings.Join(about, locale.T(lang, "list.separator")))
}

// periodWords writes a period of ISO 8601: P18M is "1 year 6 months".
func periodWords(lang, iso string) string {
	p, err := rights.ParsePeriod(iso)
	if err != nil {
		return iso // the map would not have been read with it
	}
	var parts []string
	for _, part := range []struct {
		n   int
		key string
	}{{p.Months / 12, "activities.years"}, {p.Months % 12, "activities.months"}, {p.Days, "activities.days"}} {
		if part.n > 0 {
			parts = append(parts, locale.T(lang, part.key, "Count", part.n))
		}
	}
	return strings.Join(parts, " ")
}

// joined writes several values in one cell.
func joined(lang string, lines []string) string {
	return strings.Join(lines, locale.T(lang, "activities.separator"))
}

// gapWhere says where in the map something is missing, in words: the system, the collection, and what of it.
func gapWhere(lang string, g workflow.MapGap) string {
	where := g.System.In(lang)
	if g.Collection != "" {
		where += " · " + g.Label.In(lang)
	}
	var names []string
	for _, n := range g.Names[:min(len(g.Names), gapNames)] {
		names = append(names, n.In(lang))
	}
	switch more := len(g.Names) - len(names); {
	case more > 0:
		return where + locale.T(lang, "value.colon") + locale.T(lang, "gap.more", "Names", joined(lang, names), "Count", more)
	case len(names) > 0:
		return where + locale.T(lang, "value.colon") + joined(lang, names)
	}
	return where
}

// gapNames is how many fields of a collection are named; whoever mends it finds the others beside them.
const gapNames = 6

// gapPlace is where in the map's file to mend it.
func gapPlace(g workflow.MapGap) string { return filepath.Base(g.File) + ":" + strconv.Itoa(g.Line) }
