package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// activityRoutes are the pages of the record of processing.
func (s *server) activityRoutes(desk *echo.Group) {
	see := s.may(rights.SeeActivities)
	desk.GET("/activities", s.activities, see)
	desk.GET("/activities.csv", s.activitiesCSV, see)
	desk.GET("/activities/print", s.activitiesSheet, see)
	desk.GET("/activities/versions", s.mapVersions, see)
	desk.GET("/activities/diff", s.mapDifference, see)
}

// recordLaw says which rule asks for each fact of the record.
var recordLaw = map[string]string{
	"team": "GB/T 35273-2020 11.3", "purposes": "GDPR Art. 30(1)(b); PIPL Art. 17", "bases": "GDPR Art. 6(1); PIPL Art. 13",
	"subjects": "GDPR Art. 30(1)(c)", "categories": "GDPR Art. 30(1)(c); GB/T 35273-2020 11.3", "classification": "PIPL Art. 51",
	"origins": "GB/T 35273-2020 11.3", "recipients": "GDPR Art. 30(1)(d); PIPL Art. 21, 23", "transfers": "GDPR Art. 30(1)(e); PIPL Art. 38, 39",
	"retention": "GDPR Art. 30(1)(f); PIPL Art. 19", "copies": "GDPR Art. 30(1)(f)", "security": "GDPR Art. 30(1)(g); PIPL Art. 51",
}

func (s *server) activities(c echo.Context) error {
	v := visitOf(c)
	a, err := s.portal.Activities(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "activities", "")
	if err != nil {
		return err
	}
	m := views.ActivitiesPage{Desk: desk, Figures: s.recordFigures(v.lang, a), Missing: recordMissing(v.lang, a.Gaps), Systems: recordSystems(v.lang, a)}
	return s.page(c, http.StatusOK, "", views.Activities(m))
}

// recordFigures are the numbers at the top of the record.
func (s *server) recordFigures(lang string, a workflow.Activities) []views.Figure {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	tone, systems, transfers := "", map[string]bool{}, 0
	if len(a.Gaps) > 0 {
		tone = "soon"
	}
	for i, e := range a.Record {
		systems[e.Dataset] = true
		if len(a.Whole[i]["transfers"]) > 0 {
			transfers++
		}
	}
	return []views.Figure{
		{Term: t("activities.complete"), Value: wholePercent(a.Percent()), Tone: tone, Note: t("activities.complete.of", "Met", locale.Number(lang, a.Met), "Of", locale.Number(lang, a.Of))},
		{Term: t("activities.missing"), Value: locale.Number(lang, len(a.Gaps)), Note: t("activities.missing.note"), Tone: tone},
		{Term: t("activities.entries"), Value: locale.Number(lang, len(a.Record)), Note: t("activities.entries.note", "Count", len(systems), "Number", locale.Number(lang, len(systems)))},
		{Term: t("activities.fact.transfers"), Value: locale.Number(lang, transfers), Note: t("activities.transfers.note")},
		{Term: t("activities.version"), Value: strconv.Itoa(a.Version.Version), Note: t("activities.since", "Day", s.dateTime(lang, a.Version.KeptAt)), Href: "/staff/activities/versions"},
	}
}

func wholePercent(n int) string { return strconv.Itoa(n) + " %" }

// recordSystems are the entries of the record under the system that they are in, in the order of the map.
func recordSystems(lang string, a workflow.Activities) (out []views.RecordSystem) {
	at := map[string]int{}
	for i, e := range a.Record {
		n, known := at[e.Dataset]
		if !known {
			n, at[e.Dataset] = len(out), len(out)
			out = append(out, views.RecordSystem{ID: "system-" + strconv.Itoa(n), Name: e.System.In(lang)})
		}
		entry := views.RecordEntry{Name: e.Label.In(lang), Score: wholePercent(a.Entries[i].Percent()), Whole: a.Entries[i].Met == a.Entries[i].Of}
		for _, what := range workflow.RecordFacts {
			entry.Facts = append(entry.Facts, recordFact(lang, what, a.Whole[i][what]))
		}
		out[n].Entries = append(out[n].Entries, entry)
	}
	return out
}

func recordFact(lang, what string, values []workflow.RecordValue) views.RecordFact {
	f := views.RecordFact{Term: locale.T(lang, "activities.fact."+what), Law: locale.Citation(lang, recordLaw[what])}
	f.Lines = recordWords(lang, what, values)
	if onOneLine[what] && len(f.Lines) > 1 {
		f.Lines = []string{strings.Join(f.Lines, locale.T(lang, "list.separator"))}
	}
	if len(f.Lines) == 0 {
		f.None = locale.T(lang, "activities.none."+emptyFact(what))
	}
	return f
}

// emptyFact says whether silence about a fact is an answer: no transfer is none, no purpose is missing.
func emptyFact(what string) string {
	switch what {
	case "transfers", "copies":
		return what
	}
	return "missing"
}

// recordMissing is what is missing, rule by rule.
func recordMissing(lang string, gaps []workflow.MapGap) (out []views.MissingGroup) {
	for _, rule := range workflow.MapRules() {
		g := views.MissingGroup{ID: rule, Title: locale.T(lang, "gap."+rule), Text: locale.T(lang, "gap."+rule+".text")}
		for _, gap := range gaps {
			if gap.Rule == rule {
				g.Lines = append(g.Lines, views.MissingLine{Where: gapWhere(lang, gap), Place: gapPlace(gap)})
			}
		}
		if len(g.Lines) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// activitiesSheet answers with the record as it is printed.
func (s *server) activitiesSheet(c echo.Context) error {
	v := visitOf(c)
	a, err := s.portal.TakeActivities(c.Request().Context(), v.actor, "print")
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "activities", "")
	if err != nil {
		return err
	}
	m := views.ActivitiesSheet{Desk: desk, House: s.brand(v.lang), Facts: s.houseFacts(v.lang, a), Systems: recordSystems(v.lang, a)}
	return s.page(c, http.StatusOK, "", views.ActivitiesPrint(m))
}

// houseFacts are the head of the record (GDPR Art. 30(1)(a)).
func (s *server) houseFacts(lang string, a workflow.Activities) []views.Fact {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	house := s.portal.House
	var out []views.Fact
	for _, f := range []views.Fact{
		{Term: t("activities.controller"), Value: s.brand(lang) + "\n" + house.Address},
		{Term: t("activities.contact"), Value: house.PrivacyContact},
		{Term: t("activities.officer"), Value: house.Officer},
		{Term: t("activities.made"), Value: s.dateTime(lang, s.Now())},
		{Term: t("activities.version"), Value: t("activities.version.line", "Version", a.Version.Version, "Day", s.dateTime(lang, a.Version.KeptAt)), Why: a.Version.SHA256},
		{Term: t("activities.complete"), Value: wholePercent(a.Percent())},
	} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// activitiesCSV answers with the record as a table: a row an entry.
func (s *server) activitiesCSV(c echo.Context) error {
	v := visitOf(c)
	a, err := s.portal.TakeActivities(c.Request().Context(), v.actor, "csv")
	if err != nil {
		return err
	}
	t, err := s.newTable(c, "record-of-processing-v"+strconv.Itoa(a.Version.Version)+".csv")
	if err != nil {
		return err
	}
	head := []string{locale.T(v.lang, "activities.system"), locale.T(v.lang, "activities.collection"), locale.T(v.lang, "activities.key")}
	for _, what := range workflow.RecordFacts {
		head = append(head, locale.T(v.lang, "activities.fact."+what)+" ("+locale.Citation(v.lang, recordLaw[what])+")")
	}
	if err := t.row(append(head, locale.T(v.lang, "activities.complete"))...); err != nil {
		return err
	}
	for i, e := range a.Record {
		row := []string{e.System.In(v.lang), e.Label.In(v.lang), e.Dataset + "." + e.Collection}
		for _, what := range workflow.RecordFacts {
			row = append(row, joined(v.lang, recordWords(v.lang, what, a.Whole[i][what])))
		}
		if err := t.row(append(row, wholePercent(a.Entries[i].Percent()))...); err != nil {
			return err
		}
	}
	return t.end()
}
