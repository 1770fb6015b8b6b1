package workflow

import (
	"context"
	"slices"

	"habeas/rights"
	"habeas/sources"
)

// Preview is what an erasure would do to what one collection holds about a person.
type Preview struct {
	sources.Fate
	Records int
	Down    bool // its source cannot be asked at the moment; nobody knows how many
}

// Goes reports whether the records go as a whole.
func (p Preview) Goes() bool { return p.Record == sources.EraseDelete }

// Empties reports whether the bare records stay, and nothing of what they say.
func (p Preview) Empties() bool { return p.Record == sources.EraseMask && len(p.Kept) == 0 }

// CopiesOf lists where the records that would be erased lie besides, and go by themselves.
func (p *Portal) CopiesOf(previews []Preview) (out []sources.Copy) {
	var seen []string
	for _, v := range previews {
		source := v.Collection.Source()
		if v.ByHand || v.Record == sources.EraseKeep || slices.Contains(seen, source) {
			continue
		}
		seen = append(seen, source)
		out = append(out, p.Sources.Copies(source)...)
	}
	return out
}

// ErasePreview returns what an erasure means for a person, collection by collection, before they ask for it: what goes, what is
// emptied, what stays on which ground. Collections that hold nothing of theirs, or that others share, are left out.
func (p *Portal) ErasePreview(ctx context.Context, by rights.Actor) ([]Preview, error) {
	_, person, err := p.person(ctx, by)
	if err != nil {
		return nil, err
	}
	states, err := p.Sources.Overview(ctx, person)
	if err != nil {
		return nil, err
	}
	var out []Preview
	for _, st := range states {
		down := st.State == sources.Failed
		if st.Count == 0 && !down && st.State != sources.ByHand || p.Sources.Shared(st.Collection) {
			continue
		}
		out = append(out, Preview{Fate: p.Sources.Fate(st.Collection), Records: st.Count, Down: down})
	}
	return out, nil
}
