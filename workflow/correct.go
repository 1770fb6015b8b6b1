package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Spot is one field of one record.
type Spot struct{ Source, Collection, Record, Field string }

// Change is what a person wants to stand at a Spot.
type Change struct {
	Spot
	Old    string // what they were shown, so that nothing is overwritten unseen
	New    string
	Reason string
}

// Editable returns the cell that a person wants to correct, in clear: it is theirs and they have proved it.
func (p *Portal) Editable(ctx context.Context, by rights.Actor, at Spot) (sources.Cell, error) {
	s, person, err := p.person(ctx, by)
	if err != nil {
		return sources.Cell{}, err
	}
	if err := p.needStepUp(ctx, by); err != nil {
		return sources.Cell{}, err
	}
	cell, err := p.cell(ctx, person, at)
	if err != nil {
		return cell, err
	}
	facts := map[string]string{"source": at.Source, "collection": at.Collection, "field": at.Field}
	return cell, p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.Append(p.entry(by, "data.viewed", s.ID, "", facts))
	})
}

func (p *Portal) cell(ctx context.Context, person sources.Person, at Spot) (sources.Cell, error) {
	record, err := p.Sources.Record(ctx, person, at.Source, at.Collection, at.Record)
	if err != nil {
		return sources.Cell{}, err
	}
	for _, c := range record.Cells {
		if c.Field.Path() == at.Field && c.Field.Meta.Editable != sources.EditableNo {
			return c, nil
		}
	}
	return sources.Cell{}, rights.ErrNotFound
}

// CheckCorrection tells what is wrong with a change before the person is asked to confirm it. Where the value is no
// longer the one they were shown it is a Changed.
func (p *Portal) CheckCorrection(ctx context.Context, by rights.Actor, c Change) (sources.Cell, error) {
	cell, err := p.Editable(ctx, by, c.Spot)
	if err != nil {
		return cell, err
	}
	stands := lines(cell.String())
	if stands != lines(c.Old) {
		return cell, Changed{Now: cell.String()}
	}
	c.New = strings.TrimSpace(c.New)
	var faults rights.FieldErrors
	if lines(c.New) == stands {
		faults = append(faults, rights.FieldError{Field: "value", Key: "correct.error.same"})
	} else if err := p.Sources.Accepts(ctx, cell.Field, c.New); err != nil {
		var fault rights.FieldErrors
		if !errors.As(err, &fault) {
			return cell, err
		}
		faults = append(faults, fault...)
	}
	if f, bad := tooLong("reason", c.Reason); bad {
		faults = append(faults, f)
	}
	if len(faults) > 0 {
		return cell, faults
	}
	return cell, nil
}

// lines makes line ends alike: a form brings them back in its own way, whatever the source stores.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// Changed says that a value is no longer what the person was shown.
type Changed struct{ Now string }

func (Changed) Error() string { return rights.ErrConflict.Error() }

// Is makes errors.Is(err, rights.ErrConflict) true.
func (Changed) Is(target error) bool { return target == rights.ErrConflict }

// Correct files a correction. A field that people may correct themselves is written to its source at once and read
// back; any other waits for an officer. The request is durable before the source is touched, so that a crash between
// the two leaves an open request, never a silent change.
func (p *Portal) Correct(ctx context.Context, by rights.Actor, c Change, language string) (rights.Request, error) {
	c.New, c.Reason = strings.TrimSpace(c.New), strings.TrimSpace(c.Reason)
	cell, err := p.CheckCorrection(ctx, by, c)
	if err != nil {
		return rights.Request{}, err
	}
	s, person, err := p.person(ctx, by)
	if err != nil {
		return rights.Request{}, err
	}
	r, err := p.newRequest(s, rights.Rectification, language)
	if err != nil {
		return r, err
	}
	self := cell.Field.Meta.Editable == sources.EditableSelf
	correction := rights.Correction{
		Request: r.ID, Source: c.Source, Collection: c.Collection, Record: c.Record, Field: c.Field, Mode: "ask",
		Old: cell.String(), New: c.New, Reason: c.Reason,
	}
	if self {
		correction.Mode, r.State = "self", rights.InProgress
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := take(tx, "requests "+s.ID, requestsADay, r.ReceivedAt); err != nil {
			return err
		}
		if err := p.file(tx, by, r, map[string]string{"source": c.Source, "collection": c.Collection, "field": c.Field}); err != nil {
			return err
		}
		if err := tx.InsertCorrection(correction); err != nil {
			return err
		}
		if err := p.alert(tx, s, r, ActCorrect); err != nil {
			return err
		}
		if self {
			return nil
		}
		return p.write(tx, s, r, "receipt", p.receipt(r))
	})
	if err != nil || !self {
		return r, err
	}
	return p.writeBack(ctx, by, s, person, r, correction)
}

// writeBack writes an accepted correction to its source, reads it back and closes the request. A source that cannot
// take it now leaves the request open with the officers, and says so in its timeline.
func (p *Portal) writeBack(ctx context.Context, by rights.Actor, s store.Subject, person sources.Person, r rights.Request, c rights.Correction) (rights.Request, error) {
	facts := map[string]string{"source": c.Source, "collection": c.Collection, "field": c.Field}
	if err := p.put(ctx, person, c); err != nil {
		p.Log.Warn("correction not written", "request", r.ID, "source", c.Source, "error", err)
		return r, p.Store.Write(ctx, func(tx *store.Tx) error {
			if err := tx.HandOver(r.ID); err != nil { // from here on it is the officers'
				return err
			}
			if err := tx.Append(p.entry(rights.System, "correction.not_written", s.ID, r.ID, facts)); err != nil {
				return err
			}
			return tx.InsertEvent(p.event(rights.System, r.ID, "not_written", facts))
		})
	}
	c.Decision, c.DecidedBy, c.DecidedAt = "accepted", by.ID, p.Now()
	err := p.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if err := tx.UpdateCorrection(c); err != nil {
			return err
		}
		if r, err = p.move(tx, by, r, rights.Fulfilled, "corrected", facts); err != nil {
			return err
		}
		if err := p.noteCorrected(tx, r, person, c); err != nil {
			return err
		}
		var letter mail.Message = mail.CorrectionAccepted{Ref: r.Ref, Field: p.FieldLabel(c, r.Language)}
		if !by.IsStaff() {
			letter = mail.CorrectionDone{Ref: r.Ref, Field: p.FieldLabel(c, r.Language)}
		}
		return p.write(tx, s, r, "corrected", letter)
	})
	return r, err
}

// beingWritten reports whether the portal has claimed a correction and is about to touch the source, or just did.
func beingWritten(c rights.Correction) bool { return c.Mode == "self" && c.Decision == "" }

// maskCorrection stars the values of a correction where their field may not be read once it is decided.
func (p *Portal) maskCorrection(c *rights.Correction) {
	if c != nil && p.hiddenFrom(rights.Decided, Spot{Source: c.Source, Collection: c.Collection, Field: c.Field}) {
		mask := p.Sources.Collection(c.Source, c.Collection).Field(c.Field).Meta.Mask
		c.Old, c.New = rights.Mask(mask, c.Old), rights.Mask(mask, c.New)
	}
}

// hiddenFrom reports whether a value of a field, or of a member of it, may not be shown in full in a place. Of a field that the
// map does not name any more it is not known what it was worth.
func (p *Portal) hiddenFrom(at rights.Place, spot Spot) bool {
	c := p.Sources.Collection(spot.Source, spot.Collection)
	if c == nil {
		return false
	}
	f := c.Field(spot.Field)
	return f != nil && hidden(at, f)
}

func hidden(at rights.Place, f *sources.Field) bool {
	return rights.Shown(at, f.Meta.Classification) != rights.InFull || slices.ContainsFunc(f.Fields, func(m *sources.Field) bool { return hidden(at, m) })
}

// put writes the new value, or finds it written by an attempt that did not live to say so.
func (p *Portal) put(ctx context.Context, person sources.Person, c rights.Correction) error {
	err := p.Sources.Write(ctx, person, c.Source, c.Collection, c.Record, c.Field, c.Old, c.New)
	if !errors.Is(err, rights.ErrConflict) {
		return err
	}
	cell, readErr := p.cell(ctx, person, Spot{c.Source, c.Collection, c.Record, c.Field})
	if readErr == nil && cell.String() == c.New {
		return nil
	}
	return err
}

// SettleCorrection finishes one correction that a person made themselves and a crash kept from being written or closed.
// It returns false when there is none older than a minute. One of which nothing can be read any more is dropped, and one that
// cannot be settled for a reason nobody foresaw is put off, so that it holds up no other.
func (p *Portal) SettleCorrection(ctx context.Context) (had bool, err error) {
	id, err := p.Store.UnsettledCorrection(ctx, p.Now().Add(-time.Minute), p.Now())
	if errors.Is(err, rights.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = p.settleCorrection(ctx, id)
	switch {
	case err == nil, ctx.Err() != nil:
		return true, err
	case errors.Is(err, rights.ErrGone):
		return true, p.Store.Write(ctx, func(tx *store.Tx) error {
			r, err := tx.Request(ctx, id)
			if err != nil {
				return err
			}
			return tx.DropCorrection(id, p.entry(rights.System, "correction.dropped", r.Subject, id, nil))
		})
	}
	return true, errors.Join(err, p.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutOffCorrection(id, p.Now(), pause) }))
}

func (p *Portal) settleCorrection(ctx context.Context, id string) error {
	r, err := p.Store.Request(ctx, id)
	if err != nil {
		return err
	}
	c, err := p.Store.Correction(ctx, id)
	if err != nil {
		return err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	person, err := p.whole(ctx, s)
	if err != nil {
		return err
	}
	_, err = p.writeBack(ctx, rights.System, s, person, r, c)
	return err
}
