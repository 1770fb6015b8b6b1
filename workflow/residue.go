package workflow

import (
	"context"
	"slices"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Left is something of a person that an erasure leaves, where and why.
type Left struct {
	Source     string      `json:"source"`
	Collection string      `json:"collection"`
	Fields     []string    `json:"fields,omitempty"` // of records that lost the others; none where the whole record stays
	Records    int         `json:"records"`
	ByHand     bool        `json:"by_hand,omitempty"` // officers see to it
	Copy       int         `json:"copy,omitempty"`    // which of the copies that the map names, from 1; 0 for records
	Until      rights.Date `json:"until,omitzero"`    // the last day; zero where the map says it in words only
}

// Erasure is how far the erasure of a request by machine has come.
type Erasure struct {
	State   string // "waiting", "erasing", "checking", "done", "dropped", "by_hand"; "" for none
	Why     string // with by_hand: "unsettled", "by_hand", "remains"
	Source  string // that it waits for, and what is the matter with it
	Trouble string
	NextAt  time.Time // when it is tried again
	Done    []store.ErasedSource
	DoneAt  time.Time
	Left    []Left          // without what people have seen to since
	Noted   []store.Residue // when what is left is looked at again, and what was found
}

// EndOf returns what is noted about something that is left, and whether anything is.
func (e Erasure) EndOf(l Left) (store.Residue, bool) {
	i := slices.IndexFunc(e.Noted, func(d store.Residue) bool {
		return d.Source == l.Source && (l.Copy > 0 && d.Kind == "copy" && d.Copy == l.Copy-1 || l.Copy == 0 && !l.Until.IsZero() && d.Kind == "kept")
	})
	if i < 0 {
		return store.Residue{}, false
	}
	return e.Noted[i], true
}

func (p *Portal) erasureOf(ctx context.Context, r rights.Request) (Erasure, error) {
	e, err := p.Store.ErasureOf(ctx, r.ID)
	if err != nil {
		if absent(err) {
			err = nil
		}
		return Erasure{}, err
	}
	out := Erasure{State: e.State, NextAt: e.NextAt, DoneAt: e.DoneAt}
	switch {
	case e.State == "waiting" && !r.State.Open() && !e.Again: // taken back or refused; the machine sees it when its time comes
		out.State = "dropped"
	case e.State == "by_hand":
		out.Why = e.Trouble
	case e.Source != "":
		out.Source, out.Trouble = e.Source, e.Trouble
	}
	if out.Done, err = p.Store.ErasedSources(ctx, r.ID, e.Round); err != nil {
		return out, err
	}
	if out.Noted, err = p.Store.ResiduesOf(ctx, r.ID); err != nil {
		return out, err
	}
	if out.Left, err = fromOptionalJSON[[]Left](e.Residue); err != nil {
		return out, err
	}
	tasks, err := p.Store.TasksOf(ctx, r.ID)
	done := doneByHand(r, tasks, rights.Erasure, false)
	out.Left = slices.DeleteFunc(out.Left, func(l Left) bool { return l.ByHand && slices.Contains(done, l.Source) })
	return out, err
}

// residue lists what an erasure leaves today: what the map keeps, on its grounds, what is left to officers, and what lies in
// backups and recycle bins for a while.
func (p *Portal) residue(holdings []sources.Holdings) []Left {
	today := p.today()
	var out []Left
	for _, h := range holdings {
		fate := p.fate(h)
		l := Left{Source: h.Source, Collection: h.Collection, Records: len(h.IDs), ByHand: fate.ByHand}
		switch {
		case fate.ByHand, fate.Record == sources.EraseKeep:
		case fate.Record == sources.EraseMask && len(fate.Kept) > 0:
			for _, f := range fate.Kept {
				l.Fields = append(l.Fields, f.Name)
			}
		default:
			continue
		}
		if !fate.ByHand {
			l.Until = p.Sources.KeptUntil(fate.Collection, today, today)
		}
		out = append(out, l)
	}
	for _, source := range p.Sources.Sources() {
		if p.Sources.Manual(source) { // nobody but its team knows what is there
			out = append(out, Left{Source: source, ByHand: true})
		}
	}
	for _, source := range p.touched(holdings) {
		for i, c := range p.Sources.Copies(source) {
			out = append(out, Left{Source: source, Copy: i + 1, Until: today.Plus(c.For)})
		}
	}
	return out
}

// touched are the sources in which a machine took something away.
func (p *Portal) touched(holdings []sources.Holdings) (out []string) {
	for _, h := range holdings {
		if fate := p.fate(h); !fate.ByHand && fate.Record != sources.EraseKeep && !slices.Contains(out, h.Source) {
			out = append(out, h.Source)
		}
	}
	return out
}

// kept is what a letter says of a residue. What officers saw to by hand is not in it: they say so in their own words.
func (p *Portal) kept(residue []Left, language string) []mail.Kept {
	var out []mail.Kept
	for _, l := range residue {
		if l.ByHand {
			continue
		}
		k := mail.Kept{What: p.LeftLabel(l, language), Records: l.Records, Copy: l.Copy > 0, Day: l.Until}
		k.Ground, k.Until = p.GroundOf(l, language)
		out = append(out, k)
	}
	return out
}

// LeftLabel names something that is left: records of a collection, or a copy of a source.
func (p *Portal) LeftLabel(l Left, language string) string {
	if l.Copy == 0 && l.Collection != "" {
		return p.CollectionLabel(l.Source, l.Collection, language)
	}
	label := p.SourceLabel(l.Source, language)
	if copies := p.Sources.Copies(l.Source); l.Copy > 0 && l.Copy <= len(copies) {
		label = copies[l.Copy-1].What.In(language) + " · " + label
	}
	return label
}

// GroundOf is why something is kept and until when, as the data map says.
func (p *Portal) GroundOf(l Left, language string) (ground, until string) {
	c := p.Sources.Collection(l.Source, l.Collection)
	if c == nil {
		return "", ""
	}
	meta := c.Meta
	if len(l.Fields) > 0 {
		if f := c.Field(l.Fields[0]); f != nil {
			meta = f.Meta
		}
	}
	return meta.Ground.In(language), meta.Until.In(language)
}
