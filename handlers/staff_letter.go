package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// drawLetter shows the letter of an act as it will be sent, with the officer's words in their place. Nothing has happened
// yet.
func (s *server) drawLetter(c echo.Context, status int, d draft) error {
	v := visitOf(c)
	f, err := s.portal.Folder(c.Request().Context(), v.actor, c.Param("ref"), v.lang)
	if err != nil {
		return err
	}
	if f.Request.Version != d.version {
		return rights.ErrConflict
	}
	read := d.sent.one("read")
	if read != "" && read != v.lang && read != f.Request.Language {
		return rights.ErrNotFound // no page of ours offers another
	}
	letter, err := s.portal.Draft(c.Request().Context(), v.actor, f, workflow.StatutoryAct(d.act.name), d.ground, read)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	r := f.Request
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m := views.LetterPage{
		Desk: desk, Reference: r.Ref, Act: d.act.name, Title: t("check." + d.act.name + ".title"), Version: strconv.Itoa(d.version),
		Ground: d.ground, Final: t("check." + d.act.name), Go: t("check." + d.act.name + ".go"), Danger: letter.Offer.Grounds != nil,
		Change: s.change(v.lang, f.Dossier), Facts: s.draftFacts(v.lang, f, letter.Offer, d.ground), Letter: letterOf(v.lang, letter),
		Words: views.Words{
			Label: t("act.words.in", "Language", t("language."+r.Language)), Hint: t("act.words.hint"), Text: letter.Words, Began: mark(letter.Words),
			Fault: d.fault("text"), Needed: letter.Offer.Words, Lang: r.Language,
		},
		Faults: d.faults,
	}
	if d.sent.values.Has("text") && mark(d.sent.one("text")) != d.sent.one("began") {
		m.Words.Text = d.text
	}
	if f.OnPaper() {
		m.Words.Hint = t("act.words.paper")
	}
	if letter.Offer.Words {
		m.Words.Label = t("act.words.needed", "Language", t("language."+r.Language))
	}
	for _, task := range f.OpenTasks() {
		if letter.Offer.Act == workflow.ActFulfil || letter.Offer.Act == workflow.ActPartly {
			m.Tasks = append(m.Tasks, s.taskNamed(v.lang, f, task.ID))
		}
	}
	switch {
	case letter.Language != r.Language:
		m.Reading = t("check.reading", "Language", t("language."+r.Language))
		m.Other = views.Option{Value: r.Language, Text: t("check.read", "Language", t("language."+r.Language))}
	case v.lang != r.Language:
		m.Other = views.Option{Value: v.lang, Text: t("check.read", "Language", t("language."+v.lang))}
	}
	return s.page(c, status, "", views.StaffLetter(m))
}

// mark stands for words in a form that only has to know them again.
func mark(words string) string {
	if words == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(words))
	return hex.EncodeToString(sum[:8])
}

func (s *server) draftFacts(lang string, f workflow.Folder, o workflow.Offer, ground string) []views.Fact {
	r := f.Request
	t := func(key string) string { return locale.T(lang, key) }
	to := f.Mailbox
	if f.OnPaper() {
		to = t("intake.paper")
	}
	facts := []views.Fact{
		{Term: t("check.fact.request"), Value: r.Ref + " · " + deskTitle(lang, r)},
		{Term: t("check.fact.person"), Value: to},
		{Term: t("check.fact.language"), Value: t("language." + r.Language)},
	}
	if f.Correction != nil {
		facts = append(facts, views.Fact{Term: t("check.fact.field"), Value: f.Field})
	}
	if o.Grounds != nil {
		facts = append(facts, s.groundFact(lang, t("check.fact.ground"), r, ground))
	}
	law := views.Fact{Term: t("check.fact.law")}
	for i, line := range s.effects(lang, r, o, ground) {
		if i == 0 {
			law.Value, law.Why = line.Text, line.Citation
		} else {
			law.Value += "\n" + line.Text
		}
	}
	return append(facts, law)
}

// letterOf lays a letter out as a page shows it: what one rule wants stands together, once named.
func letterOf(lang string, d workflow.Draft) views.Letter {
	out := views.Letter{
		Lang: d.Language, House: d.House, Subject: d.Subject, Title: d.Title, Hello: d.Hello, Worded: d.Worded, Sign: d.Sign, Foot: d.Foot,
	}
	part := func(to *[]views.LetterPart, law string, block views.LetterBlock) {
		law = locale.Citation(lang, law)
		if n := len(*to); n == 0 || (*to)[n-1].Law != law {
			*to = append(*to, views.LetterPart{Law: law})
		}
		last := &(*to)[len(*to)-1]
		last.Blocks = append(last.Blocks, block)
	}
	for _, half := range []struct {
		from []workflow.LetterBlock
		to   *[]views.LetterPart
	}{{d.Above, &out.Above}, {d.Below, &out.Below}} {
		for _, b := range half.from {
			block := views.LetterBlock{Kind: string(b.Role), Text: b.Text, URL: b.URL}
			for _, r := range b.Rows {
				block.Rows = append(block.Rows, views.Fact{Term: r.Label, Value: r.Value})
			}
			part(half.to, b.Law, block)
		}
	}
	return out
}
