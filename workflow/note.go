package workflow

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"habeas/rights"
	"habeas/store"
)

// Note adds what only officers read. Colleagues whom it names with an @, and those in tell besides (staff IDs), are told
// of it; the history says who was.
func (p *Portal) Note(ctx context.Context, by rights.Actor, ref string, version int, text string, tell ...string) error {
	text, err := checkMessage(text)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		team, err := tx.ListStaff(ctx)
		if err != nil {
			return err
		}
		team = slices.DeleteFunc(team, func(m store.Staff) bool { return !mayBeTold(m, by) })
		told, err := whom(team, text, tell)
		if err != nil {
			return err
		}
		var facts map[string]string
		if len(told) > 0 {
			facts = map[string]string{"told": strings.Join(told, " ")}
		}
		if err := p.keepPrivate(tx, by, r, "note", facts, text); err != nil {
			return err
		}
		for _, id := range told {
			if err := p.notify(ctx, tx, notice{to: id, kind: rights.AlertMentioned, request: r, by: by.ID}); err != nil {
				return err
			}
		}
		return tx.Append(p.entry(by, "request.noted", r.Subject, r.ID, facts))
	})
}

// mayBeTold reports whether a colleague can be told of a request: they work here now, may see it, and are not whoever tells.
func mayBeTold(m store.Staff, by rights.Actor) bool {
	return m.State == "active" && m.ID != by.ID && m.Role.May(rights.SeeQueue)
}

// whom returns the IDs of those of the team who are to be told: chosen, or named in the text.
func whom(team []store.Staff, text string, chosen []string) ([]string, error) {
	named := mentions(text, team)
	for _, id := range chosen {
		if !slices.ContainsFunc(team, func(m store.Staff) bool { return m.ID == id }) {
			return nil, rights.Fault("tell", "desk.error.tell", nil)
		}
	}
	var out []string
	for _, m := range team {
		if named[m.ID] || slices.Contains(chosen, m.ID) {
			out = append(out, m.ID)
		}
	}
	return out, nil
}

// mentions finds who is named in a text by an @ and their full name, in either case. The longest name counts: "@Ann Lee" is
// not Ann. An @ before anything else is text.
func mentions(text string, team []store.Staff) map[string]bool {
	longest := slices.Clone(team)
	slices.SortStableFunc(longest, func(a, b store.Staff) int { return cmp.Compare(len(b.Name), len(a.Name)) })
	found := map[string]bool{}
	for _, rest := range strings.Split(text, "@")[1:] {
		name := ""
		for _, m := range longest {
			if name == "" && begins(rest, m.Name) {
				name = m.Name
			}
			if name != "" && strings.EqualFold(m.Name, name) {
				found[m.ID] = true // of two with one name, both
			}
		}
	}
	return found
}

// begins reports whether a text begins with a name as a whole. In Chinese nothing parts a name from the next word.
func begins(text, name string) bool {
	if len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(name)
	next, _ := utf8.DecodeRuneInString(text[len(name):])
	return unicode.Is(unicode.Han, last) || !unicode.IsLetter(next) && !unicode.IsDigit(next)
}
