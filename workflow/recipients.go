package workflow

import (
	"slices"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Whoever data was disclosed to is told of each rectification, erasure and restriction (GDPR Art. 19). Whom and of what is noted in
// the transaction of the act, with that by which they know the person: after an erasure nobody could say it any more. A step tells
// them: by a letter with a link, or by a task where the map has no address. What people changed by hand, in words that name no field
// or in a system without a connection, is told by people, too: only they know who had it.

// disclosure is what a notice holds: whom what is told.
type disclosure struct {
	To     sources.Recipient `json:"to"`
	What   []Spot            `json:"what"`
	Known  []knownBy         `json:"known,omitempty"`
	New    string            `json:"new,omitempty"` // of a rectification; "" is a value too
	Answer string            `json:"answer,omitempty"`
}

// knownBy is a value by which the recipient knows the person, and where the map has it.
type knownBy struct {
	Spot
	Value string
}

// disclosures collect, recipient by recipient, what each is to be told.
type disclosures []disclosure

// add has each of them told of what lies at a spot. Known is by what one of them knows the person, nil where nobody can say.
func (t *disclosures) add(to []sources.Recipient, known func(sources.Recipient) []knownBy, at Spot, value string) {
	for _, r := range to {
		i := slices.IndexFunc(*t, func(d disclosure) bool { return d.To.Key() == r.Key() })
		if i < 0 {
			*t = append(*t, disclosure{To: r, New: value})
			i = len(*t) - 1
		}
		d := &(*t)[i]
		d.What = append(d.What, at)
		if known == nil {
			continue
		}
		for _, k := range known(r) {
			if !slices.Contains(d.Known, k) {
				d.Known = append(d.Known, k)
			}
		}
	}
}

// knownIn is by what whoever has data of a source knows a person.
func (p *Portal) knownIn(person sources.Person, source string) func(sources.Recipient) []knownBy {
	return func(to sources.Recipient) (out []knownBy) {
		for _, k := range p.Sources.KnownBy(person, source, to) {
			out = append(out, knownBy{Spot{Source: source, Collection: k.Field.Collection.Name, Field: k.Field.Path()}, k.Value})
		}
		return out
	}
}

// noteCorrected notes whom a correction that was written is to be told to.
func (p *Portal) noteCorrected(tx *store.Tx, r rights.Request, person sources.Person, c rights.Correction) error {
	collection := p.Sources.Collection(c.Source, c.Collection)
	if collection == nil || collection.Field(c.Field) == nil {
		return nil // the map has changed since: whom it named is not known
	}
	var list disclosures
	list.add(collection.Field(c.Field).Meta.Recipients, p.knownIn(person, c.Source), Spot{Source: c.Source, Collection: c.Collection, Field: c.Field}, c.New)
	_, err := p.noteNotices(tx, r, rights.Rectification, list)
	return err
}

// noteHeld notes whom the erasure or the restriction of what is held of a person is to be told to. What the law keeps whole is not
// erased, and nobody is told that it was.
func (p *Portal) noteHeld(tx *store.Tx, r rights.Request, act rights.Right, person sources.Person, holdings []sources.Holdings) ([]store.RecipientNotice, error) {
	var list disclosures
	for _, h := range holdings {
		c := p.Sources.Collection(h.Source, h.Collection)
		if c == nil || len(h.IDs) == 0 || act == rights.Erasure && p.Sources.Fate(c).Record == sources.EraseKeep {
			continue
		}
		list.add(c.AllRecipients(), p.knownIn(person, h.Source), Spot{Source: h.Source, Collection: h.Collection}, "")
	}
	return p.noteNotices(tx, r, act, list)
}

func (p *Portal) noteNotices(tx *store.Tx, r rights.Request, act rights.Right, list disclosures) ([]store.RecipientNotice, error) {
	var out []store.RecipientNotice
	for _, d := range list {
		content, err := asJSON(d)
		if err != nil {
			return nil, err
		}
		n := store.RecipientNotice{ID: p.newID(), Request: r.ID, Act: act, Recipient: d.To.Key(), Content: content, State: "noted"}
		if n.Version, err = tx.InsertNotice(n); err != nil {
			return nil, err
		}
		if n.Version > 0 { // else they are being told already
			out = append(out, n)
		}
	}
	return out, nil
}

// noteByHand notes whom to tell of what people did by hand in these sources.
func (p *Portal) noteByHand(tx *store.Tx, r rights.Request, act rights.Right, in []string) ([]store.RecipientNotice, error) {
	var list disclosures
	for _, c := range p.Sources.Collections() {
		if slices.Contains(in, c.Source()) && (act != rights.Erasure || p.Sources.Fate(c).Record != sources.EraseKeep) {
			list.add(c.AllRecipients(), nil, Spot{Source: c.Source(), Collection: c.Name}, "")
		}
	}
	return p.noteNotices(tx, r, act, list)
}

// doneByHand are the sources in which people, not the machine, did what a request asks. Who meets a request without a word on its
// tasks says that all of it is done; who meets it in part, that it may be.
func doneByHand(r rights.Request, tasks []rights.Task, act rights.Right, maybe bool) (out []string) {
	for _, t := range tasks {
		unsaid := t.State == rights.TaskOpen && r.State == rights.Fulfilled && (maybe || r.Ground == "")
		byPeople := t.State == rights.TaskDone && t.DoneBy != "" || unsaid
		if t.Kind == string(act) && byPeople {
			out = append(out, t.Source)
		}
	}
	return out
}

// seekRecipients notes that it is to be found out whom an act is to be told to: that may ask the sources, which no transaction
// waits for.
func (p *Portal) seekRecipients(tx *store.Tx, r rights.Request, act rights.Right) error {
	_, err := tx.InsertNotice(store.RecipientNotice{ID: p.newID(), Request: r.ID, Act: act, State: "sought", NextAt: p.Now()})
	return err
}

// passOn has the recipients sought of what people did by hand, once a request is answered.
func (p *Portal) passOn(tx *store.Tx, r rights.Request) error {
	if r.Right != rights.Rectification && r.Right != rights.Erasure { // a restriction is passed on when it is raised
		return nil
	}
	return p.seekRecipients(tx, r, r.Right)
}
