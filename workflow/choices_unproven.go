package workflow

import (
	"context"
	"errors"
	"slices"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Who opts out or limits need not prove who they are, nor that a mailbox is theirs: a code that has to be entered first is the
// verification that the law forbids (11 CCR 7026(d), 7027(e), 7060(b)). Nothing is let out or lost where somebody else did it, and
// whoever owns the mailbox is told how to take it back.

// UnprovenLaw is the law that gives these choices without any proof.
const UnprovenLaw = "ccpa"

// Unproven are the flags that anybody raises for a mailbox they type.
var Unproven = []rights.FlagKind{rights.OptedOut, rights.Limited}

// choicesADay bounds how often the same is chosen for one mailbox by whoever types it: each may send a letter.
var choicesADay = store.Limit{Burst: 3, Per: 24 * time.Hour}

// ChooseUnproven takes down what somebody chose for a mailbox that they typed. As with AskCode no source is asked and nothing in
// the answer depends on whether the address is known (security.md 3); ChooseNext does the rest.
func (p *Portal) ChooseUnproven(ctx context.Context, address string, kind rights.FlagKind, v Visitor) error {
	if !slices.Contains(Unproven, kind) {
		return rights.ErrNotFound
	}
	mailbox, err := mail.Canonical(address)
	if err != nil {
		return err
	}
	now := p.Now()
	c := store.ChoiceToTake{ID: p.newID(), Flag: kind, Mailbox: mailbox, Language: v.Language, MadeAt: now, NextAt: now}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := take(tx, "choose net "+v.Net, asksPerNet, now); err != nil {
			return err
		}
		if err := take(tx, "choose all", asksInAll, now); err != nil {
			return err
		}
		if err := takePlace(tx, "choose "+string(kind)+" "+mailbox, choicesADay, now); err != nil {
			return err
		}
		return tx.InsertChoiceToTake(c, p.entry(rights.Actor{Role: rights.RoleSubject}, "choice.typed", "", "", map[string]string{"flag": string(kind)}))
	})
}

// ChooseNext makes a request of the choice that was typed first, and raises what it says. It returns false when there is none.
func (p *Portal) ChooseNext(ctx context.Context) (had bool, err error) {
	c, err := p.Store.NextChoiceToTake(ctx, p.Now())
	if errors.Is(err, rights.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	match, err := p.behind(ctx, c.Mailbox)
	var idle []string
	if err == nil {
		idle, err = p.knowNothing(ctx, match.Person)
	}
	if err == nil {
		err = p.Store.Write(ctx, func(tx *store.Tx) error { return p.takeChoice(ctx, tx, c, match, idle) })
	}
	switch {
	case err == nil, ctx.Err() != nil:
		return true, err
	case errors.Is(err, rights.ErrConflict): // another took it at the same moment
		return true, nil
	}
	c.NextAt, c.Attempts = p.Now().Add(pause(c.Attempts)), c.Attempts+1 // so that it holds up no other
	later := p.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutOffChoice(c) })
	if Unavailable(err) {
		p.Log.Warn("a choice waits for a source", "attempt", c.Attempts, "error", err)
		return true, later
	}
	return true, errors.Join(err, later)
}

// knowNothing are the sources that hold nothing of somebody whom none of them lists, as far as a machine can see that now: there
// nobody has to do anything, however many addresses a stranger types.
func (p *Portal) knowNothing(ctx context.Context, person sources.Person) ([]string, error) {
	if person.Seeds() > 0 {
		return nil, nil
	}
	holdings, err := p.Sources.Holdings(ctx, person)
	if errors.Is(err, sources.ErrUnsettled) || Unavailable(err) {
		return nil, nil
	}
	return slices.DeleteFunc(p.Sources.Sources(), func(source string) bool {
		return p.Sources.Manual(source) || len(ofSource(holdings, source)) > 0
	}), err
}

// takeChoice files a choice as the request of whoever is behind the mailbox, told as at a sign-in, unless it stands already.
func (p *Portal) takeChoice(ctx context.Context, tx *store.Tx, c store.ChoiceToTake, match sources.Match, idle []string) error {
	if err := tx.TakeChoice(c.ID); err != nil {
		return err
	}
	s, err := p.registrant(ctx, tx, rights.System, Registration{Mailbox: c.Mailbox, Language: c.Language, Regime: p.Regime}, match)
	if err != nil {
		return err
	}
	events, err := tx.FlagEvents(ctx, s.ID)
	if err != nil {
		return err
	}
	if _, stands := rights.FlagsOf(events).Of(c.Flag, ""); stands {
		return nil
	}
	r, err := p.newRequest(store.Subject{ID: s.ID, Regime: UnprovenLaw}, rightOf[c.Flag], c.Language)
	if err != nil {
		return err
	}
	r.ID, r.ReceivedAt, r.Identity = c.ID, c.MadeAt, rights.Unidentified
	if r, err = p.reckon(r); err != nil {
		return err
	}
	by := rights.Actor{ID: s.ID, Role: rights.RoleSubject}
	if err := p.file(tx, by, r, nil); err != nil {
		return err
	}
	if err := p.settleTasks(ctx, tx, r, func(of string) bool { return slices.Contains(idle, of) }); err != nil {
		return err
	}
	if r, err = p.takeWord(ctx, tx, by, r, nil); err != nil {
		return err
	}
	letter, err := p.choiceLetter(r, nil)
	if err != nil {
		return err
	}
	return p.write(tx, s, r, "receipt", letter)
}
