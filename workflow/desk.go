package workflow

import (
	"context"
	"slices"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// may is the gate of every act of staff. Who may not, does not learn that it exists.
func may(by rights.Actor, deed rights.Deed) error {
	if !by.Role.May(deed) {
		return rights.ErrNotFound
	}
	return nil
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
	Acts     []Offer           // the statutory acts that it has, open or not
	Tasks    []rights.Task     // what is to be done, source by source
	Related  []Related         // what belongs with it
	Flags    []StandingFlag    // what must not be done with the person's data, whoever asked for it
	Others   []store.Staff     // who can be told of it: every other colleague who works here now
	Names    map[string]string // of every colleague there is or was, by staff ID
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
	if err != nil && !absent(err) { // erased, or the record has served its time: the steps stay to be read
		return f, err
	}
	if err == nil {
		f.Mailbox, f.Language = rights.Mask("email", s.Mailbox), s.Language
	}
	if f.Letters, err = p.Store.LettersOf(ctx, r.ID); err != nil {
		return f, err
	}
	if f.Tasks, err = p.Store.TasksOf(ctx, r.ID); err != nil {
		return f, err
	}
	if f.Related, err = p.related(ctx, r, f.Events); err != nil {
		return f, err
	}
	if f.Flags, err = p.standingFlags(ctx, r.Subject); err != nil {
		return f, err
	}
	team, err := p.Store.ListStaff(ctx)
	if err != nil {
		return f, err
	}
	f.Names = make(map[string]string, len(team))
	for _, m := range team {
		f.Names[m.ID] = m.Name
		if m.ID == r.Owner {
			f.Owner = m
		}
		if m.State == "active" && m.Role.May(rights.HandleRequest) {
			f.Team = append(f.Team, m)
		}
		if mayBeTold(m, by) {
			f.Others = append(f.Others, m)
		}
	}
	m, err := p.matterOf(f.Dossier, f.Tasks)
	if err != nil {
		return f, err
	}
	f.Acts = p.offers(m)
	act, facts := "request.read", map[string]string(nil)
	if c := f.Correction; c != nil {
		if !r.State.Open() || !by.Role.May(rights.HandleRequest) { // only whoever must decide sees what is decided on
			p.maskCorrection(c)
		}
		f.Field = p.FieldLabel(*c, language)
		act, facts = "correction.read", map[string]string{"source": c.Source, "collection": c.Collection, "field": c.Field}
	}
	return f, p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.seePerson(ctx, tx, by, r.Subject); err != nil {
			return err
		}
		if err := tx.SeeAlerts(by.ID, r.ID, p.Now()); err != nil { // what they were told of it they see now
			return err
		}
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
// ErrConflict. Nobody decides on what they asked themselves.
func (p *Portal) handle(ctx context.Context, by rights.Actor, ref string, version int, act func(*store.Tx, store.Subject, rights.Request) error) error {
	return p.atVersion(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		if err := p.disinterested(ctx, tx, by, s); err != nil {
			return err
		}
		return act(tx, s, r)
	})
}

// atVersion reads the request in the transaction of the act, as it stands in that moment.
func (p *Portal) atVersion(ctx context.Context, by rights.Actor, ref string, version int, act func(*store.Tx, store.Subject, rights.Request) error) error {
	r, err := p.deskRequest(ctx, by, rights.HandleRequest, ref)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, r.ID)
		if err != nil {
			return err
		}
		if r.Version != version {
			return rights.ErrConflict
		}
		s, err := tx.Subject(ctx, r.Subject)
		if err != nil {
			return err
		}
		return act(tx, s, r)
	})
}

// disinterested refuses a member of staff whose own mailbox is the person's.
func (p *Portal) disinterested(ctx context.Context, tx *store.Tx, by rights.Actor, s store.Subject) error {
	m, err := tx.StaffByID(ctx, by.ID)
	if err != nil {
		return err
	}
	theirs, err := p.kinChannels(tx, s)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(theirs, func(address string) bool { return sameMailbox(m.Email, address) }) {
		return rights.Fault("act", "desk.error.own", nil)
	}
	return nil
}

// Assign gives a request to a member of the team, or to nobody with "".
func (p *Portal) Assign(ctx context.Context, by rights.Actor, ref string, version int, owner string) error {
	return p.atVersion(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
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
		if err := p.keepPrivate(tx, by, r, "assigned", facts, ""); err != nil {
			return err
		}
		if owner == "" || owner == by.ID {
			return nil
		}
		return p.notify(ctx, tx, notice{to: owner, kind: rights.AlertAssigned, request: r, by: by.ID})
	})
}

// Reply writes to the person, with files if there are any. The letter says that there is a message; the words wait behind
// the sign-in, or stand in it where it goes on paper.
func (p *Portal) Reply(ctx context.Context, by rights.Actor, ref string, version int, text string, uploads ...Upload) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	text, files, err := checkSaid(text, uploads)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		now := p.Now()
		if len(files) > 0 { // what is let out is not taken back
			if err := p.proven(tx, r); err != nil {
				return err
			}
		}
		if r, err = p.touch(tx, by, r); err != nil {
			return err
		}
		if err := p.sayWith(ctx, tx, by, r, text, files, now); err != nil {
			return err
		}
		return p.write(tx, s, r, "message "+p.newID(), mail.TeamMessage{Ref: r.Ref, Words: text})
	})
}

// touch begins work on a request that came in, and moves the version of any other: what is written on one that somebody
// saw, like every act, is done once however often it is sent.
func (p *Portal) touch(tx *store.Tx, by rights.Actor, r rights.Request) (rights.Request, error) {
	if r.State == rights.Received {
		return p.move(tx, by, r, rights.InProgress, "started", nil)
	}
	if err := tx.UpdateRequest(r, p.entry(by, "request.replied", r.Subject, r.ID, nil)); err != nil {
		return r, err
	}
	r.Version++
	return r, p.keepPrivate(tx, by, r, "replied", nil, "")
}
