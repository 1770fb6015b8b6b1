package export

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"habeas/locale"
	"habeas/rights"
	"habeas/sources"
)

// document writes the files about the data, the manifest last because it holds the sums of all others.
func (b *build) document() error {
	notes := b.sourceNotes()
	m := manifest{
		Format: format, Request: b.requestNote(b.Request), Mailbox: b.Mailbox, Language: b.Language, MadeAt: b.when(b.MadeAt),
		Controller: controllerNote{Name: b.Controller.Name, Address: b.Controller.Address, Contact: b.Controller.Contact},
		Complete:   !b.incomplete(), Records: b.done, Sources: notes,
	}
	if s := b.Supplement; s != nil {
		m.Supplements = &supplementNote{Number: s.Number, SHA256: s.To}
	}
	m.Request.Channel, m.Request.State = "", "" // the package is the answer: by now they say nothing
	for _, lang := range b.languages() {
		var page bytes.Buffer
		if err := indexPage.Execute(&page, b.indexView(lang, notes)); err != nil {
			return fmt.Errorf("write the index: %w", err)
		}
		if _, err := b.docs.add(b.indexName(lang), page.Bytes()); err != nil {
			return err
		}
	}
	if _, err := b.docs.add("README.txt", b.readme()); err != nil {
		return err
	}
	type file struct {
		name string
		of   any
	}
	files := []file{{"activities.json", b.activityNotes(notes)}}
	if b.Supplement == nil { // else they are in the package that it supplements
		requests := []requestNote{}
		for _, r := range b.Requests {
			requests = append(requests, b.requestNote(r))
		}
		files = append(files, file{"consents.json", b.consentsNote()}, file{"requests.json", requests})
	}
	for _, f := range files {
		if err := b.addJSON(f.name, f.of); err != nil {
			return err
		}
	}
	for _, s := range notes {
		for _, c := range s.Collections {
			if c.Files != nil {
				if err := b.addJSON(c.table.names.schema, c.table.schema(b.Language)); err != nil {
					return err
				}
			}
		}
	}
	if err := b.linked(); err != nil {
		return fmt.Errorf("write %s: %w", linkedName, err)
	}
	for _, f := range b.members() {
		note := fileNote{Path: f.name, Bytes: f.size, SHA256: hex.EncodeToString(f.sum[:])}
		if strings.HasPrefix(f.name, "data/") || strings.HasPrefix(f.name, "pages/") {
			note.Records = &f.records
		}
		m.Files = append(m.Files, note)
	}
	return b.addJSON("manifest.json", m)
}

func (b *build) addJSON(name string, of any) error {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(of); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err := b.docs.add(name, body.Bytes())
	return err
}

// list makes JSON say [] where there is nothing, never null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// languages lists the person's language first.
func (b *build) languages() []string {
	out := []string{b.Language}
	for _, l := range locale.Languages {
		if l != b.Language {
			out = append(out, l)
		}
	}
	return out
}

// indexName is index.html in the person's language, index.zh-CN.html or the like in any other.
func (b *build) indexName(lang string) string {
	if lang == b.Language {
		return "index.html"
	}
	return "index." + lang + ".html"
}

// sourceNotes says how it went, source by source.
func (b *build) sourceNotes() []sourceNote {
	about := map[[2]string]sources.Activity{}
	for _, a := range b.Sources.Activities() {
		about[[2]string{a.Source, a.Collection}] = a
	}
	var out []sourceNote
	for _, key := range b.Sources.Sources() {
		s := sourceNote{Source: key, State: complete, Collections: []collectionNote{}}
		for _, st := range b.states {
			c := st.Collection
			if c.Source() != key {
				continue
			}
			if s.Label == nil {
				s.Label = sourceLabel(c.Dataset)
			}
			n := collectionNote{Collection: c.Name, Label: inLanguages(c.Label, c.Name), table: b.tables[c], about: about[[2]string{key, c.Name}]}
			n.State, n.Reason, n.Ground = outcome(st)
			if n.table != nil {
				n.Records, n.Withheld = n.table.records, n.table.withheld
				for _, f := range n.table.files() {
					n.Files = append(n.Files, f.name)
				}
				if n.Files != nil {
					n.Files = append(n.Files, n.table.names.schema)
				}
			}
			if severity[n.State] > severity[s.State] {
				s.State, s.Reason, s.Ground = n.State, n.Reason, n.Ground
			}
			s.Records += n.Records
			s.Collections = append(s.Collections, n)
		}
		if s.Label == nil && b.Supplement != nil {
			continue // nothing of it was missing
		}
		if s.Label == nil {
			s.Label = inLanguages(nil, key)
		}
		out = append(out, s)
	}
	return out
}

// outcome is how a collection stands in the package. Trouble with a list of people leaves records unfound elsewhere too:
// that is a failure, not a ground.
func outcome(s sources.CollectionState) (state, reason, ground string) {
	switch {
	case s.State == sources.ByHand:
		return failed, string(sources.ByHand), ""
	case s.State == sources.Failed:
		return failed, string(s.Reason), ""
	case s.Reason == sources.Shared:
		return keptBack, "", string(s.Reason)
	case s.Reason != "":
		return failed, string(s.Reason), ""
	}
	return complete, "", ""
}

// missing is what a source could still give.
func (b *build) missing() []Missing {
	var out []Missing
	for _, s := range b.states {
		if state, reason, _ := outcome(s); state == failed {
			out = append(out, Missing{s.Collection.Source(), s.Collection.Name, sources.Reason(reason)})
		}
	}
	return out
}

func (b *build) incomplete() bool { return len(b.missing()) > 0 }

func (b *build) activityNotes(notes []sourceNote) []activityNote {
	out := []activityNote{}
	for _, s := range notes {
		for _, c := range s.Collections {
			a := c.about
			out = append(out, activityNote{
				Source: s.Source, Collection: c.Collection, Label: c.Label, Categories: list(a.Categories), Bases: a.Bases,
				Purposes: texts(a.Purposes), Recipients: texts(a.Recipients), Retention: texts(a.Retention),
				Origins: a.Origins, Classification: a.Classification,
			})
		}
	}
	return out
}

func (b *build) requestNote(r rights.Request) requestNote {
	return requestNote{
		Reference: r.Ref, Right: string(r.Right), Regime: r.Regime, ReceivedAt: b.when(r.ReceivedAt), Channel: string(r.Channel),
		State: string(r.State), Due: r.Due.String(), ClosedAt: b.when(r.ClosedAt), Ground: r.Ground,
	}
}

func (b *build) consentsNote() consentsNote {
	out := consentsNote{Purposes: []purposeNote{}, Events: []consentNote{}}
	refs := map[string]string{}
	for _, r := range b.Requests {
		refs[r.ID] = r.Ref
	}
	for i, s := range rights.Standings(b.Purposes, b.Consents, b.MadeAt) {
		p := b.Purposes[i]
		out.Purposes = append(out.Purposes, purposeNote{
			Purpose: p.Key, Title: p.Title, Text: p.Text, Basis: p.Basis, Version: p.Version,
			Choice: string(s.Choice), Since: b.when(s.Since), Until: b.when(s.Until), Active: s.Active(p, b.MadeAt),
		})
	}
	for _, e := range b.Consents {
		out.Events = append(out.Events, consentNote{
			ID: e.ID, Purpose: e.Purpose, Version: e.Version, Choice: string(e.Choice), At: b.when(e.At), Via: e.Via,
			Language: e.Language, TextHash: e.TextHash, Reference: refs[e.Request],
		})
	}
	return out
}

// when writes a time in the zone of the package (RFC 3339), "" for none.
func (b *build) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(b.MadeAt.Location()).Format(time.RFC3339)
}

// inLanguages is a label in every language.
func inLanguages(t sources.Text, name string) map[string]string {
	out := map[string]string{}
	for _, lang := range locale.Languages {
		out[lang] = label(t, name, lang)
	}
	return out
}

func sourceLabel(d *sources.Dataset) map[string]string {
	if d.Name != "" {
		return inLanguages(d.Label, d.Name)
	}
	return inLanguages(d.Label, d.Key)
}

func texts(list []sources.Text) []map[string]string {
	out := []map[string]string{}
	for _, t := range list {
		out = append(out, inLanguages(t, "?"))
	}
	return out
}
