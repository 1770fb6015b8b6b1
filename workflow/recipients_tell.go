package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

const (
	noticeLife  = 30 * 24 * time.Hour // of a link
	noticeAgain = 14 * 24 * time.Hour // without an answer, before the reminder and after it
)

// TellNext takes the step about a recipient that is due first: to find whom to tell, to tell one, to remind one, to tell officers
// that one has not answered. It returns false when none is.
func (p *Portal) TellNext(ctx context.Context) (had bool, err error) {
	id, err := p.Store.NextNotice(ctx, p.Now())
	if err != nil || id == "" {
		return false, err
	}
	n, err := p.Store.Notice(ctx, id)
	if err == nil {
		err = p.noticeStep(ctx, n)
	}
	switch {
	case err == nil, ctx.Err() != nil:
		return true, err
	case errors.Is(err, rights.ErrGone): // of whose key is destroyed nobody can be told
		return true, p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.DropNotice(id, p.entry(rights.System, "recipient.dropped", "", n.Request, map[string]string{"notice": id}))
		})
	case errors.Is(err, rights.ErrConflict): // somebody was at it at the same moment
		return true, nil
	}
	n.NextAt, n.Attempts = p.Now().Add(pause(n.Attempts)), n.Attempts+1 // so that it holds up no other
	later := p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateNotice(n) })
	if Unavailable(err) {
		p.Log.Warn("a recipient waits for a source", "request", n.Request, "attempt", n.Attempts, "error", err)
		return true, later
	}
	return true, errors.Join(err, later)
}

func (p *Portal) noticeStep(ctx context.Context, n store.RecipientNotice) error {
	r, err := p.Store.Request(ctx, n.Request)
	if err != nil {
		return err
	}
	n.Attempts = 0
	switch {
	case n.State == "sought":
		return p.findRecipients(ctx, r, n)
	case n.State == "noted" && r.State != rights.Fulfilled: // it was taken back or refused: there is nothing to tell
		return p.dropNotice(ctx, r, n)
	case n.State == "noted":
		return p.Store.Write(ctx, func(tx *store.Tx) error { return p.inform(ctx, tx, r, n) })
	case n.Reminders == 0:
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			n.Reminders = 1
			return p.sendNotice(tx, r, n, "recipient.reminded", "recipient_reminded")
		})
	}
	n.NextAt = time.Time{}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateNotice(n, p.noticeEntry(rights.System, r, n, "recipient.silent")); err != nil {
			return err
		}
		return p.alertRecipient(ctx, tx, r, n)
	})
}

func (p *Portal) dropNotice(ctx context.Context, r rights.Request, n store.RecipientNotice) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.DropNotice(n.ID, p.entry(rights.System, "recipient.dropped", r.Subject, r.ID, map[string]string{"notice": n.ID}))
	})
}

// findRecipients finds out whom a restriction, or what people did by hand, is to be told to, and tells them.
func (p *Portal) findRecipients(ctx context.Context, r rights.Request, n store.RecipientNotice) error {
	var person sources.Person
	var holdings []sources.Holdings
	unsettled := false
	if n.Act == rights.Restriction {
		on, err := p.Store.Restricted(ctx, r.Subject)
		if err != nil {
			return err
		}
		if !on { // it has ended before anybody was told
			return p.dropNotice(ctx, r, n)
		}
		s, err := p.Store.Subject(ctx, r.Subject)
		if err != nil {
			return err
		}
		if person, err = p.whole(ctx, s); err != nil {
			return err
		}
		holdings, err = p.Sources.Holdings(ctx, person)
		if unsettled = person.Nobody() || errors.Is(err, sources.ErrUnsettled); err != nil && !errors.Is(err, sources.ErrUnsettled) {
			return err
		}
	}
	n.State, n.NextAt = "dropped", time.Time{}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateNotice(n, p.noticeEntry(rights.System, r, n, "recipient.sought")); err != nil {
			return err
		}
		tasks, err := tx.TasksOf(ctx, r.ID)
		if err != nil {
			return err
		}
		in := doneByHand(r, tasks, n.Act, true)
		if unsettled { // nobody can tell whose records these are: people look
			in, holdings = p.Sources.Sources(), nil
		} else if n.Act == rights.Restriction { // nothing reads there whether they are in it
			in = append(in, slices.DeleteFunc(p.Sources.Sources(), func(source string) bool { return !p.Sources.Manual(source) })...)
		}
		found, err := p.noteHeld(tx, r, n.Act, person, holdings)
		if err != nil {
			return err
		}
		if err := p.informAll(ctx, tx, r, found); err != nil { // first: who is told by letter has no task besides
			return err
		}
		if found, err = p.noteByHand(tx, r, n.Act, in); err != nil {
			return err
		}
		return p.informAll(ctx, tx, r, found)
	})
}

func (p *Portal) informAll(ctx context.Context, tx *store.Tx, r rights.Request, list []store.RecipientNotice) error {
	for _, n := range list {
		if err := p.inform(ctx, tx, r, n); err != nil {
			return err
		}
	}
	return nil
}

// inform tells a recipient, or has an officer do it.
func (p *Portal) inform(ctx context.Context, tx *store.Tx, r rights.Request, n store.RecipientNotice) error {
	d, err := fromJSON[disclosure](n.Content)
	if err != nil {
		return err
	}
	if d.To.Email != "" && len(d.Known) > 0 {
		return p.sendNotice(tx, r, n, "recipient.told", "recipient_told")
	}
	return p.handToOfficer(ctx, tx, r, n)
}

// handToOfficer makes a task of telling a recipient.
func (p *Portal) handToOfficer(ctx context.Context, tx *store.Tx, r rights.Request, n store.RecipientNotice) error {
	d, err := fromJSON[disclosure](n.Content)
	if err != nil {
		return err
	}
	t := p.newTask(r, "", rights.TaskRecipient, d.To.In(p.Languages[0]))
	n.State, n.Task, n.NextAt = "by_hand", t.ID, time.Time{}
	if err := tx.InsertTasks([]rights.Task{t}, p.entry(rights.System, "task.added", r.Subject, r.ID, map[string]string{"task": t.ID})); err != nil {
		return err
	}
	if err := tx.UpdateNotice(n, p.noticeEntry(rights.System, r, n, "recipient.by_hand")); err != nil {
		return err
	}
	if err := p.keepPrivate(tx, rights.System, r, "recipient_by_hand", map[string]string{"task": t.ID}, d.To.In(p.Languages[0])); err != nil {
		return err
	}
	return p.alertRecipient(ctx, tx, r, n)
}

// sendNotice sends the letter with a link of its own, which takes the place of any before.
func (p *Portal) sendNotice(tx *store.Tx, r rights.Request, n store.RecipientNotice, act, step string) error {
	d, err := fromJSON[disclosure](n.Content)
	if err != nil {
		return err
	}
	now, token := p.Now(), p.newToken(16) // 128 bits
	if n.State == "noted" {
		n.State, n.ToldAt = "sent", now
	}
	n.TokenHash, n.ExpiresAt, n.NextAt = p.Store.Hash("recipient", token), now.Add(noticeLife), now.Add(noticeAgain)
	if err := tx.UpdateNotice(n, p.noticeEntry(rights.System, r, n, act)); err != nil {
		return err
	}
	language := p.Languages[0] // of the house: what its partners read is not known
	g, err := p.regime(r.Regime)
	if err != nil {
		return err
	}
	letter := mail.RecipientNotice{
		Ref: r.Ref, Law: g.PassOn.Citation, Act: n.Act, What: p.disclosedWhat(d, language), Token: token, Until: rights.DateOf(p.local(n.ExpiresAt)), Remind: n.Reminders > 0,
	}
	if err := p.enqueue(tx, outgoing{
		to: d.To.Email, language: language, request: r.ID, dedupe: fmt.Sprintf("recipient %s %d", n.ID, n.Reminders), secret: token, expires: n.ExpiresAt, message: letter,
	}); err != nil {
		return err
	}
	e := p.event(rights.System, r.ID, step, map[string]string{"act": string(n.Act)})
	e.Private, e.Detail = n.Reminders > 0, d.To.In(r.Language)
	return tx.InsertEvent(e)
}

// disclosedWhat says what of which system a recipient has.
func (p *Portal) disclosedWhat(d disclosure, language string) (out []mail.Disclosed) {
	for _, at := range d.What {
		what := p.CollectionLabel(at.Source, at.Collection, language)
		if at.Field != "" {
			what += " › " + p.FieldLabel(rights.Correction{Source: at.Source, Collection: at.Collection, Field: at.Field}, language)
		}
		out = append(out, mail.Disclosed{System: p.SourceLabel(at.Source, language), What: what})
	}
	return out
}

func (p *Portal) noticeEntry(by rights.Actor, r rights.Request, n store.RecipientNotice, act string) rights.Entry {
	return p.entry(by, act, r.Subject, r.ID, map[string]string{"notice": n.ID, "act": string(n.Act)})
}

// tellLifted tells whoever was told of a restriction that it has ended, as they were promised; nobody is reminded of it any more. Who
// was told by an officer is told by one again.
func (p *Portal) tellLifted(ctx context.Context, tx *store.Tx, request string) error {
	r, err := tx.Request(ctx, request)
	if err != nil {
		return err
	}
	notices, err := tx.NoticesOf(ctx, request)
	if err != nil {
		if absent(err) { // whom went with the person's key
			err = nil
		}
		return err
	}
	for _, n := range notices {
		if n.Act != rights.Restriction || n.Content == "" {
			continue
		}
		switch n.State {
		case "by_hand": // nobody has told them yet
			err = p.tellNoMore(ctx, tx, r, n)
		case "told":
			n.ToldAt = time.Time{}
			err = p.handToOfficer(ctx, tx, r, n)
		case "sent", "opened", "done", "impossible":
			n.TokenHash, n.NextAt = nil, time.Time{}
			err = p.sendLifted(tx, r, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tellNoMore ends the task of telling a recipient what does not hold any more.
func (p *Portal) tellNoMore(ctx context.Context, tx *store.Tx, r rights.Request, n store.RecipientNotice) error {
	t, err := tx.Task(ctx, r.ID, n.Task)
	if err != nil {
		return err
	}
	t.State, t.DoneAt = rights.TaskSkipped, p.Now()
	facts := map[string]string{"task": t.ID, "state": string(t.State)}
	if err := tx.UpdateTask(t, p.entry(rights.System, "task.settled", r.Subject, r.ID, facts)); err != nil {
		return err
	}
	return tx.DropNotice(n.ID, p.noticeEntry(rights.System, r, n, "recipient.dropped"))
}

func (p *Portal) sendLifted(tx *store.Tx, r rights.Request, n store.RecipientNotice) error {
	d, err := fromJSON[disclosure](n.Content)
	if err != nil {
		return err
	}
	if err := tx.UpdateNotice(n, p.noticeEntry(rights.System, r, n, "recipient.lifted")); err != nil {
		return err
	}
	if err := p.enqueue(tx, outgoing{
		to: d.To.Email, language: p.Languages[0], request: r.ID, dedupe: "recipient lifted " + n.ID,
		message: mail.RecipientLifted{Ref: r.Ref, What: p.disclosedWhat(d, p.Languages[0])},
	}); err != nil {
		return err
	}
	e := p.event(rights.System, r.ID, "recipient_lifted", nil)
	e.Detail = d.To.In(r.Language)
	return tx.InsertEvent(e)
}

// alertRecipient tells whoever works on the request, or else the approvers, that a recipient needs somebody.
func (p *Portal) alertRecipient(ctx context.Context, tx *store.Tx, r rights.Request, n store.RecipientNotice) error {
	a := notice{kind: rights.AlertRecipient, request: r, dedupe: fmt.Sprintf("recipient %s %s %d", n.ID, n.State, n.Reminders)}
	if n.State == "by_hand" { // the tasks of the request say which: one word for all of them
		a.dedupe = fmt.Sprintf("recipients %s %s", r.ID, n.Act)
	}
	owner, works, err := p.worksOn(ctx, tx, r)
	if err != nil {
		return err
	}
	if works {
		_, err = p.tell(tx, owner, a)
		return err
	}
	return p.notifyWhoMay(ctx, tx, rights.Approve, a)
}

// toldByHand keeps with the notice how an officer settled the task that it is given by: told on a day, or not, for a reason.
// Art. 19 lets it be where it is impossible or would take disproportionate effort.
func (p *Portal) toldByHand(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request, t rights.Task) error {
	if t.Kind != rights.TaskRecipient {
		return nil
	}
	n, err := tx.NoticeByTask(ctx, t.ID)
	if err != nil {
		return err
	}
	n.State = map[rights.TaskState]string{rights.TaskOpen: "by_hand", rights.TaskDone: "told", rights.TaskSkipped: "not_told"}[t.State]
	n.ToldAt = time.Time{}
	if t.State == rights.TaskDone {
		if n.ToldAt = t.DoneAt; !t.On.IsZero() {
			n.ToldAt = t.On.In(p.Location)
		}
	}
	return tx.UpdateNotice(n, p.noticeEntry(by, r, n, "recipient."+n.State))
}
