package workflow

import (
	"context"
	"slices"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Comparison is two people side by side, in masked facts.
type Comparison struct {
	Kept, Gone Card // who would be shown with whom
	Same       string
	Rivals     []*Collection // lists in which both have rows of their own that differ: more likely two people
}

// Compare shows two people who may be one, for a decision. Both are looked at, and both see it.
func (p *Portal) Compare(ctx context.Context, by rights.Actor, id, other string) (Comparison, error) {
	if err := may(by, rights.HandleRequest); err != nil {
		return Comparison{}, err
	}
	kept, gone, same, err := p.couple(ctx, id, other)
	if err != nil {
		return Comparison{}, err
	}
	if err := p.behold(ctx, by, kept.ID, gone.ID); err != nil {
		return Comparison{}, err
	}
	c := Comparison{Same: same}
	if c.Kept, err = p.card(ctx, kept); err != nil {
		return c, err
	}
	if c.Gone, err = p.card(ctx, gone); err != nil {
		return c, err
	}
	for _, list := range c.Kept.Lists {
		if same != "row" && slices.Contains(c.Gone.Lists, list) {
			c.Rivals = append(c.Rivals, list)
		}
	}
	return c, nil
}

// couple returns two subjects of whom the one is a candidate of the other, and which would be shown with which: one whose
// records are known stays, of two such the one to whom the sources lead from their mailbox, because letters go there, else the
// older. Any other two are not found: who may be compared is not for the asker to make up.
func (p *Portal) couple(ctx context.Context, id, other string) (kept, gone store.Subject, same string, err error) {
	a, err := p.Store.Subject(ctx, id)
	if err != nil {
		return a, a, "", err
	}
	b, err := p.Store.Subject(ctx, other)
	if err != nil {
		return a, b, "", err
	}
	likely, err := p.candidates(ctx, a)
	if err != nil {
		return a, b, "", err
	}
	i := slices.IndexFunc(likely, func(c Candidate) bool { return c.ID == b.ID })
	if i < 0 || a.MergedInto != "" {
		return a, b, "", rights.ErrNotFound
	}
	var standing [2]int
	for j, s := range []store.Subject{a, b} {
		if standing[j], err = p.standingOf(ctx, s); err != nil {
			return a, b, "", err
		}
	}
	if standing[0] < standing[1] || standing[0] == standing[1] && b.MadeAt.Before(a.MadeAt) {
		a, b = b, a
	}
	return a, b, likely[i].Same, nil
}

// standingOf is 2 for somebody to whom the sources lead from their mailbox, 1 for somebody whose records are known by another
// one, which they may have left, and 0 for anybody else.
func (p *Portal) standingOf(ctx context.Context, s store.Subject) (int, error) {
	person, err := p.whole(ctx, s)
	if err != nil || person.Seeds() == 0 {
		return 0, err
	}
	if s.Mailbox == "" {
		return 1, nil
	}
	match, err := p.Sources.Find(ctx, sources.Identity{Email: s.Mailbox})
	if err != nil {
		return 0, err
	}
	switch {
	case match.Ambiguous() || match.Person.Same(person):
		return 2, nil
	case len(match.Troubles) > 0: // it decides where letters go: better later than wrong
		return 0, match.Troubles[0]
	}
	return 1, nil
}
