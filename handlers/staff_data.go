package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// personDataRoutes are the pages of what the sources hold of the person of a request.
func (s *server) personDataRoutes(desk *echo.Group) {
	handle := s.may(rights.HandleRequest)
	desk.GET("/requests/:ref/data", s.deskData, handle)
	desk.GET("/requests/:ref/data/:source/:collection", s.deskRecords, handle)
	desk.POST("/requests/:ref/reveal", s.reveal, handle)
	desk.GET("/requests/:ref/reveal", func(c echo.Context) error { return s.see(c, dataPath(c.Param("ref"))) }, handle)
}

func dataPath(ref string) string { return "/staff/requests/" + pathEscape(ref) + "/data" }

func recordsPath(ref string, c *workflow.Collection) string {
	return dataPath(ref) + "/" + pathEscape(c.Source()) + "/" + pathEscape(c.Name)
}

// deskRecordsPage is how many records with their forms an officer sees at once.
const deskRecordsPage = 10

func (s *server) deskData(c echo.Context) error {
	v := visitOf(c)
	r, holdings, err := s.portal.DeskData(c.Request().Context(), v.actor, c.Param("ref"))
	if err != nil {
		return err
	}
	m := views.DeskDataPage{Reference: r.Ref}
	for _, h := range holdings {
		s.addDeskHolding(&m, v.lang, r.Ref, h)
	}
	if m.Desk, err = s.desk(c, "queue", ""); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "", views.DeskData(m))
}

// addDeskHolding puts a collection under its source, or among what could not be read or is kept back. What is empty has
// no place.
func (s *server) addDeskHolding(m *views.DeskDataPage, lang, ref string, h workflow.Holding) {
	name, source := workflow.CollectionName(h.Collection, lang), workflow.SourceName(h.Collection, lang)
	switch {
	case h.ByHand():
		if fact := (views.Fact{Term: source, Value: s.byHand(lang, "byhand.text.desk", h)}); !slices.Contains(m.ByHand, fact) {
			m.ByHand = append(m.ByHand, fact)
		}
		return
	case h.Failed():
		if t := trouble(lang, "trouble.desk.", source, string(h.Reason)); !slices.Contains(m.Troubles, t) {
			m.Troubles = append(m.Troubles, t)
		}
		return
	case h.Reason != "":
		m.Withheld = append(m.Withheld, views.Withheld{What: name, Ground: locale.T(lang, withheldWord(h))})
	}
	if h.Count == 0 {
		return
	}
	i := slices.IndexFunc(m.Sources, func(d views.DeskSource) bool { return d.Title == source })
	if i < 0 {
		m.Sources = append(m.Sources, views.DeskSource{Title: source})
		i = len(m.Sources) - 1
	}
	m.Sources[i].Lines = append(m.Sources[i].Lines, views.DeskCollection{Title: name, Count: countOf(lang, h.Count), Href: recordsPath(ref, h.Collection)})
}

func (s *server) deskRecords(c echo.Context) error {
	v, after := visitOf(c), c.QueryParam("after")
	r, h, next, err := s.portal.DeskRecords(c.Request().Context(), v.actor, c.Param("ref"), c.Param("source"), c.Param("collection"), after, deskRecordsPage)
	if err != nil && (h.Collection == nil || troubleOf(v.lang, "trouble.desk.", "", err) == nil) {
		return err
	}
	m, status := s.recordsModel(v, r, h, revealDraft{}), http.StatusOK
	m.Back, m.Count = views.Link{Text: locale.T(v.lang, "deskdata.all"), Href: dataPath(r.Ref)}, countOf(v.lang, h.Count)
	m.Pager = pager(recordsPath(r.Ref, h.Collection), after, next)
	if m.ByHand = s.byHand(v.lang, "byhand.text.desk", h); m.ByHand != "" {
		m.Count = ""
	}
	if m.Trouble = troubleOf(v.lang, "trouble.desk.", m.Source, err); m.Trouble != nil {
		status, m.Count = http.StatusServiceUnavailable, ""
	}
	return s.drawRecords(c, status, m)
}

// revealDraft is what was sent to see one value, and why it was not shown.
type revealDraft struct {
	sent   bool
	ask    workflow.Reveal
	faults []views.Fault
}

func (s *server) recordsModel(v *visit, r rights.Request, h workflow.Holding, d revealDraft) views.DeskRecordsPage {
	m := views.DeskRecordsPage{
		Reference: r.Ref, Title: workflow.CollectionName(h.Collection, v.lang), Source: workflow.SourceName(h.Collection, v.lang),
		SourceKey: h.Collection.Source(), Collection: h.Collection.Name, Closed: !r.State.Open(), Words: d.ask.Words, Faults: d.faults,
		Reasons: []views.Option{{Text: locale.T(v.lang, "reveal.choose")}},
	}
	for _, reason := range workflow.RevealReasons {
		m.Reasons = append(m.Reasons, views.Option{Value: reason, Text: locale.T(v.lang, "reveal.reason."+reason), Chosen: reason == d.ask.Reason})
	}
	m.History = s.history(v, h)
	law, _ := rights.RegimeByID(r.Regime) // one that is not known lets nothing be chosen below
	for i, record := range h.First {
		one := views.DeskRecord{ID: record.ID, Title: locale.T(v.lang, "deskdata.record", "Number", locale.Number(v.lang, i+1)), Open: d.sent}
		for _, cell := range record.Cells {
			value, name := s.value(v.lang, cell), workflow.FieldName(cell.Field, v.lang)
			one.Fields = append(one.Fields, views.Datum{Label: name, Value: value, Masked: true})
			if value != "" && r.State.Open() && law.ID != "" && workflow.Revealable(law, cell.Field) {
				one.Choices = append(one.Choices, views.Option{Value: cell.Field.Name, Text: name, Chosen: cell.Field.Name == d.ask.Field})
			}
		}
		if len(one.Choices) > 0 {
			one.Choices = slices.Insert(one.Choices, 0, views.Option{Text: locale.T(v.lang, "reveal.choose")})
		}
		m.Records = append(m.Records, one)
	}
	return m
}

func (s *server) drawRecords(c echo.Context, status int, m views.DeskRecordsPage) (err error) {
	if m.Desk, err = s.desk(c, "queue", ""); err != nil {
		return err
	}
	return s.page(c, status, "", views.DeskRecords(m))
}

// reveal answers with the one value on the page of its record. It is in no address, and nothing of ours keeps the page.
func (s *server) reveal(c echo.Context) error {
	v, ref := visitOf(c), c.Param("ref")
	f, err := parse(c)
	if err != nil {
		return err
	}
	d := revealDraft{sent: true, ask: workflow.Reveal{
		Source: f.one("source"), Collection: f.one("collection"), Record: f.one("id"), Field: f.one("field"), Reason: f.one("reason"), Words: f.one("words"),
	}}
	shown, err := s.portal.Reveal(c.Request().Context(), v.actor, ref, d.ask)
	status := http.StatusOK
	if faults, bad := s.faults(v.lang, err); bad {
		status, d.faults = http.StatusUnprocessableEntity, faults
		shown, err = s.portal.DeskRecord(c.Request().Context(), v.actor, ref, d.ask)
	}
	if err != nil {
		return err
	}
	standsAt(c, recordsPath(shown.Request.Ref, shown.Holding.Collection))
	if status == http.StatusOK {
		d = revealDraft{}
	}
	m := s.recordsModel(v, shown.Request, shown.Holding, d)
	m.Back = views.Link{Text: locale.T(v.lang, "deskdata.records"), Href: recordsPath(shown.Request.Ref, shown.Holding.Collection)}
	if shown.Cell.Field != nil {
		m.Revealed = &views.Revealed{Label: workflow.FieldName(shown.Cell.Field, v.lang), Value: s.value(v.lang, shown.Cell)}
	}
	return s.drawRecords(c, status, m)
}

// withoutTwins leaves out the second of two entries about one decision, which stands in the log of both whom it is about.
func withoutTwins(looks []workflow.Look) []workflow.Look {
	return slices.CompactFunc(slices.Clone(looks), func(a, b workflow.Look) bool {
		return a.Facts["merge"] != "" && a.Facts["merge"] == b.Facts["merge"] && a.Act == b.Act
	})
}

// lookWords says what a look was at: the collection, and the field where it was one value. Words with the prefix "person."
// speak to a colleague about the person, where those that speak to the person would not do.
func (s *server) lookWords(lang, prefix string, l workflow.Look) string {
	key := prefix + "look." + l.Act
	if !locale.Has(lang, key) {
		key = "look." + l.Act
	}
	what := locale.T(lang, key)
	source, collection := l.Facts["source"], l.Facts["collection"]
	if collection == "" {
		return what
	}
	what += locale.T(lang, "value.colon") + s.portal.CollectionLabel(source, collection, lang)
	if field := l.Facts["field"]; field != "" {
		what += " › " + s.portal.FieldLabel(rights.Correction{Source: source, Collection: collection, Field: field}, lang)
	}
	return what
}

// lookReason is why a colleague saw a value in full, in words; "" for any other look.
func (s *server) lookReason(lang string, l workflow.Look) string {
	if reason := l.Facts["reason"]; reason != "" {
		return locale.T(lang, "reveal.reason."+reason)
	}
	return ""
}

// revealPairs are the words of the step of a request's history in which a value was seen in full.
func (s *server) revealPairs(lang string, e rights.Event) []any {
	if e.Kind != "revealed" {
		return nil
	}
	field := s.portal.FieldLabel(rights.Correction{Source: e.Facts["source"], Collection: e.Facts["collection"], Field: e.Facts["field"]}, lang)
	return []any{"Field", field, "Reason", locale.T(lang, "reveal.reason."+e.Facts["reason"])}
}
