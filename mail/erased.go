package mail

import "habeas/rights"

// Erased says that an erasure is done, and plainly what is left of the person: where, how much, on which ground and until when
// (GDPR Art. 12(4), 17(3); PIPL Art. 47(2)).
type Erased struct {
	Ref  string
	Left []Kept
}

// Kept is something that an erasure leaves.
type Kept struct {
	What    string // of the data map, in the reader's language
	Records int
	Ground  string
	Until   string      // in the words of the map; "" where it says none
	Day     rights.Date // the last day; zero where the map says none
	Copy    bool        // a backup or a recycle bin, which nobody looks things up in
}

// Kind is erased.
func (Erased) Kind() Kind    { return KindErased }
func (m Erased) ref() string { return m.Ref }
func (m Erased) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	if len(m.Left) == 0 {
		w.say("all")
	}
	w.left(m.Left)
	w.say("record")
	w.link("link", "requests", m.Ref)
	w.note("disagree", "Contact", w.house.PrivacyContact)
}

// left lists what an erasure leaves, if anything: what is kept, and what lies in copies for a while.
func (w *writer) left(list []Kept) {
	if len(list) == 0 {
		return
	}
	w.add(Section, w.shared("left"))
	said := map[bool]bool{}
	for _, k := range list {
		if !said[k.Copy] {
			said[k.Copy] = true
			w.add(Paragraph, w.shared(map[bool]string{false: "left.only", true: "left.copies"}[k.Copy]))
		}
		if k.Copy {
			w.row(k.What, w.shared("left.copy", "Day", w.day(k.Day)))
			continue
		}
		until := k.Until
		if until == "" && !k.Day.IsZero() {
			until = w.day(k.Day)
		}
		why := w.shared("left.ground", "Ground", k.Ground)
		if until != "" {
			why = w.shared("left.ground_until", "Ground", k.Ground, "Until", until)
		}
		w.row(k.What, w.shared("left.line", "Records", w.shared("left.records", "Count", k.Records), "Why", why))
	}
}
