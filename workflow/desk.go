package workflow

import (
	"context"
	"errors"
	"strings"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// may is the gate of every act of staff. Who may not, does not learn that it exists.
func may(by rights.Actor, deed rights.Deed) error {
	if !by.Role.May(deed) {
		return rights.ErrNotFound
	}
	return nil
}

// Line is one request in the queue: facts, and the person's mailbox masked.
type Line struct {
	rights.Request
	OwnerName string
	Mailbox   string // masked
}

// QueueQuery is what a page of the queue shows.
type QueueQuery = store.QueueQuery

// Queue returns one page of the officers' queue and the key of the next.
func (p *Portal) Queue(ctx context.Context, by rights.Actor, q QueueQuery) ([]Line, string, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, "", err
	}
	if q.Mailbox != "" {
		mailbox, err := mail.Canonical(q.Mailbox)
		if err != nil {
			return nil, "", nil // no request has such an address
		}
		q.Mailbox = mailbox
		if err := p.searched(ctx, by, mailbox); err != nil {
			return nil, "", err
		}
	}
	q.Today = p.today()
	if q.View == "mine" {
		q.Owner = by.ID
	}
	rows, next, err := p.Store.Queue(ctx, q)
	if err != nil {
		return nil, "", err
	}
	lines := make([]Line, len(rows))
	for i, row := range rows {
		lines[i] = Line{Request: row.Request, OwnerName: row.OwnerName, Mailbox: rights.Mask("email", row.Mailbox)}
	}
	return lines, next, nil
}

// searched counts and writes down that somebody was looked up: whether there is a request is personal data too, and a
// member of staff who tries address after address is stopped. The people found see it among who looked at their data.
func (p *Portal) searched(ctx context.Context, by rights.Actor, mailbox string) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := takePlace(tx, "search "+by.ID, searchesADay, p.Now()); err != nil {
			return err
		}
		found, err := tx.SubjectsByMailbox(ctx, mailbox)
		if err != nil {
			return err
		}
		for _, s := range found {
			if err := tx.Append(p.entry(by, "queue.searched", s.ID, "", nil)); err != nil {
				return err
			}
		}
		if len(found) > 0 {
			return nil
		}
		return tx.Append(p.entry(by, "queue.searched", "", "", nil))
	})
}

// QueueCounts returns how many requests each saved view holds.
func (p *Portal) QueueCounts(ctx context.Context, by rights.Actor) (map[string]int, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, err
	}
	return p.Store.QueueCounts(ctx, by.ID, p.today())
}

// Folder is everything an officer sees of one request.
type Folder struct {
	Dossier
	Mailbox  string // masked
	Language string
	Field    string // what the data map calls the field of a correction, in English and Chinese alike where it says so
	Owner    store.Staff
	Team     []store.Staff // who it can be given to
	Letters  []store.LetterState
	Grounds  []rights.Ground // on which it may be refused
	Pauses   []string        // for what its clock may be stopped now
	Extends  bool            // whether the answer may still be put off
}

// Folder opens a request for an officer and writes down that they did. Values of a correction are part of it: nobody
// can decide unseen.
func (p *Portal) Folder(ctx context.Context, by rights.Actor, ref, language string) (Folder, error) {
	r, err := p.deskRequest(ctx, by, rights.SeeQueue, ref)
	if err != nil {
		return Folder{}, err
	}
	f := Folder{}
	if f.Dossier, err = p.dossier(ctx, r); err != nil {
		return f, err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return f, err
	}
	f.Mailbox, f.Language = rights.Mask("email", s.Mailbox), s.Language
	if f.Letters, err = p.Store.LettersOf(ctx, r.ID); err != nil {
		return f, err
	}
	team, err := p.Store.ListStaff(ctx)
	if err != nil {
		return f, err
	}
	for _, m := range team {
		if m.ID == r.Owner {
			f.Owner = m
		}
		if m.State == "active" && m.Role.May(rights.HandleRequest) {
			f.Team = append(f.Team, m)
		}
	}
	g, err := p.regime(r.Regime)
	if err != nil {
		return f, err
	}
	f.Grounds, f.Pauses = g.Grounds(r.Right), mayPause(g, r)
	f.Extends = r.State.Open() && g.MayExtend(r.Clock, p.today())
	act, facts := "request.read", map[string]string(nil)
	if c := f.Correction; c != nil {
		if !r.State.Open() || !by.Role.May(rights.HandleRequest) { // only whoever must decide sees what is decided on
			p.maskCorrection(c)
		}
		f.Field = p.FieldLabel(*c, language)
		act, facts = "correction.read", map[string]string{"source": c.Source, "collection": c.Collection, "field": c.Field}
	}
	return f, p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.Append(p.entry(by, act, r.Subject, r.ID, facts))
	})
}

func (p *Portal) deskRequest(ctx context.Context, by rights.Actor, deed rights.Deed, ref string) (rights.Request, error) {
	if err := may(by, deed); err != nil {
		return rights.Request{}, err
	}
	clean, ok := rights.ParseRef(ref)
	if !ok {
		return rights.Request{}, rights.ErrNotFound
	}
	return p.Store.RequestByRef(ctx, clean)
}

// handle runs one act of an officer on a request they saw at that version: somebody else's change in between is
// ErrConflict.
func (p *Portal) handle(ctx context.Context, by rights.Actor, ref string, version int, act func(*store.Tx, store.Subject, rights.Request) error) error {
	r, err := p.deskRequest(ctx, by, rights.HandleRequest, ref)
	if err != nil {
		return err
	}
	if r.Version != version {
		return rights.ErrConflict
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error { return act(tx, s, r) })
}

// Assign gives a request to a member of the team, or to nobody with "".
func (p *Portal) Assign(ctx context.Context, by rights.Actor, ref string, version int, owner string) error {
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		if owner != "" {
			m, err := tx.StaffByID(ctx, owner)
			if err != nil {
				return err
			}
			if m.State != "active" || !m.Role.May(rights.HandleRequest) {
				return rights.Fault("owner", "desk.error.owner", nil)
			}
		}
		r.Owner = owner
		facts := map[string]string{"owner": owner}
		if err := tx.UpdateRequest(r, p.entry(by, "request.assigned", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		e := p.event(by, r.ID, "assigned", facts)
		e.Private = true
		return tx.InsertEvent(e)
	})
}

// Note adds what only officers read.
func (p *Portal) Note(ctx context.Context, by rights.Actor, ref string, version int, text string) error {
	text, err := checkMessage(text)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		e := p.event(by, r.ID, "note", nil)
		e.Private, e.Detail = true, text
		if err := tx.InsertEvent(e); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "request.noted", r.Subject, r.ID, nil))
	})
}

// Reply writes to the person. The letter says that there is a message; the words wait behind the sign-in.
func (p *Portal) Reply(ctx context.Context, by rights.Actor, ref string, version int, text string) error {
	text, err := checkMessage(text)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		now := p.Now()
		if r.State == rights.Received {
			if r, err = p.move(tx, by, r, rights.InProgress, "started", nil); err != nil {
				return err
			}
		}
		if err := p.say(tx, by, r, text, now); err != nil {
			return err
		}
		return p.write(tx, s, r, "message "+p.newID(), mail.TeamMessage{Ref: r.Ref})
	})
}

// Fulfil closes a request as answered. A correction is decided instead; a request in its cooling-off must wait, because
// the person can still take it back.
func (p *Portal) Fulfil(ctx context.Context, by rights.Actor, ref string, version int, answer string) error {
	answer, err := checkAnswer(answer)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		if err := p.decidable(ctx, tx, r); err != nil {
			return err
		}
		if err := p.answer(tx, by, r, answer); err != nil {
			return err
		}
		r, err := p.move(tx, by, r, rights.Fulfilled, "fulfilled", nil)
		if err != nil {
			return err
		}
		return p.write(tx, s, r, "fulfilled", mail.Fulfilled{Ref: r.Ref, Right: r.Right})
	})
}

// checkAnswer tidies the words that go with a decision; there need not be any.
func checkAnswer(text string) (string, error) {
	text = strings.TrimSpace(text)
	if f, bad := tooLong("text", text); bad {
		return "", rights.FieldErrors{f}
	}
	return text, nil
}

// answer adds the words that go with a decision to the conversation.
func (p *Portal) answer(tx *store.Tx, by rights.Actor, r rights.Request, text string) error {
	if text == "" {
		return nil
	}
	return p.say(tx, by, r, text, p.Now())
}

func (p *Portal) decidable(ctx context.Context, tx *store.Tx, r rights.Request) error {
	if r.CoolingOff(p.Now()) {
		return rights.Fault("act", "desk.error.cooling_off", nil)
	}
	if r.Right != rights.Rectification {
		return nil
	}
	_, err := tx.Correction(ctx, r.ID)
	if err == nil {
		return rights.Fault("act", "desk.error.decide", nil)
	}
	return ignoreNotFound(err)
}

// Refuse closes a request with a ground of its regime; the letter quotes it, and says how to complain and to whom.
func (p *Portal) Refuse(ctx context.Context, by rights.Actor, ref string, version int, ground, answer string) error {
	answer, err := checkAnswer(answer)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		if err := p.decidable(ctx, tx, r); err != nil {
			return err
		}
		if err := p.answer(tx, by, r, answer); err != nil {
			return err
		}
		r, err := p.refuse(tx, by, r, ground)
		if err != nil {
			return err
		}
		letter := mail.Refused{Ref: r.Ref, Right: r.Right, Refusal: mail.RefusalOf(r.Language, r.Regime, ground)}
		return p.write(tx, s, r, "refused", letter)
	})
}

// refuse moves a request to refused on a ground that its regime lists for its right.
func (p *Portal) refuse(tx *store.Tx, by rights.Actor, r rights.Request, ground string) (rights.Request, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return r, err
	}
	for _, allowed := range g.Grounds(r.Right) {
		if allowed.ID == ground {
			r.Ground = ground
			return p.move(tx, by, r, rights.Refused, "refused", map[string]string{"ground": ground})
		}
	}
	return r, rights.Fault("ground", "desk.error.ground", nil)
}

// Accept decides a correction for the person: it is written to its source, read back, and told.
func (p *Portal) Accept(ctx context.Context, by rights.Actor, ref string, version int) error {
	r, c, err := p.undecided(ctx, by, ref, version)
	if err != nil {
		return err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	person, err := sources.ParsePerson(s.Person)
	if err != nil {
		return err
	}
	// The decision is durable, and nobody else's any more, before the source is touched.
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.TakeOver(r.ID); err != nil {
			return err
		}
		if err := tx.InsertEvent(p.event(by, r.ID, "accepted", nil)); err != nil {
			return err
		}
		return tx.UpdateRequest(r, p.entry(by, "correction.accepted", r.Subject, r.ID, nil))
	})
	if err != nil {
		return err
	}
	r.Version++
	closed, err := p.writeBack(ctx, by, s, person, r, c)
	if err == nil && closed.State.Open() {
		return rights.Fault("act", "desk.error.not_written", nil)
	}
	return err
}

// Decline decides a correction against the person, on a ground of the regime.
func (p *Portal) Decline(ctx context.Context, by rights.Actor, ref string, version int, ground, answer string) error {
	answer, err := checkAnswer(answer)
	if err != nil {
		return err
	}
	_, c, err := p.undecided(ctx, by, ref, version)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		r, err := p.refuse(tx, by, r, ground)
		if err != nil {
			return err
		}
		c.Decision, c.Ground, c.DecidedBy, c.DecidedAt = "declined", ground, by.ID, p.Now()
		if err := tx.UpdateCorrection(c); err != nil {
			return err
		}
		if err := p.answer(tx, by, r, answer); err != nil {
			return err
		}
		letter := mail.CorrectionDeclined{
			Ref: r.Ref, Field: p.FieldLabel(c, r.Language), Refusal: mail.RefusalOf(r.Language, r.Regime, ground),
		}
		return p.write(tx, s, r, "declined", letter)
	})
}

// undecided returns a correction that waits for an officer, at the version they saw.
func (p *Portal) undecided(ctx context.Context, by rights.Actor, ref string, version int) (rights.Request, rights.Correction, error) {
	r, err := p.deskRequest(ctx, by, rights.HandleRequest, ref)
	if err != nil {
		return r, rights.Correction{}, err
	}
	c, err := p.Store.Correction(ctx, r.ID)
	if err == nil && (r.Version != version || !r.State.Open() || c.Decision != "" || beingWritten(c)) {
		err = rights.ErrConflict
	}
	if errors.Is(err, rights.ErrNotFound) {
		err = rights.ErrConflict
	}
	return r, c, err
}
