package sources

import "slices"

// Same reports whether two persons share a row in a list of people: they are one, whatever else was found of them
// since. Nobody is the same as anybody.
func (p Person) Same(q Person) bool {
	return slices.ContainsFunc(p.rows, func(a seat) bool {
		return slices.ContainsFunc(q.rows, func(b seat) bool {
			return a.source == b.source && a.collection == b.collection && slices.EqualFunc(a.key, b.key, same)
		})
	})
}

// Unsettled reports whether the mailbox stood for several people when the person was looked for and none was picked:
// what was kept under it belongs to nobody in particular.
func (p Person) Unsettled() bool { return p.hold == Shared }
