package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

// Residue is something that an erasure left in one source, and when it is looked at again.
type Residue struct {
	ID       string
	Request  string
	Kind     string // "kept", "copy", "gone" or "import"
	Source   string
	Copy     int // which of the copies that the map names, from 0
	ErasedOn rights.Date
	Until    rights.Date // the last day; zero where the map says none
	Holdings string      // as JSON; sealed at rest
	State    string      // "stands", "over", "left"
	NextAt   time.Time
	Attempts int // that failed since the last that did not
	At       time.Time
	Version  int
}

const residueColumns = "id, request_id, kind, source, copy, erased_on, until, holdings, state, next_at, attempts, checked_at, version"

// ReplaceResidues makes these what a machine left of the erasure of a request; what was noted before them is forgotten.
func (tx *Tx) ReplaceResidues(request string, list []Residue) error {
	if _, err := tx.exec("DELETE FROM residues WHERE request_id = $1 AND kind <> 'import'", request); err != nil {
		return fmt.Errorf("replace residues: %w", err)
	}
	return tx.InsertResidues(request, list...)
}

// InsertResidues adds to what is noted of the erasure of a request.
func (tx *Tx) InsertResidues(request string, list ...Residue) error {
	for _, r := range list {
		holdings, err := tx.sealHoldings(r)
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO residues (id, request_id, kind, source, copy, erased_on, until, holdings, state, next_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			r.ID, request, r.Kind, r.Source, r.Copy, r.ErasedOn.String(), r.Until.String(), holdings, r.State, millis(r.NextAt)); err != nil {
			return fmt.Errorf("insert residue: %w", err)
		}
	}
	return nil
}

func (tx *Tx) sealHoldings(r Residue) ([]byte, error) {
	if r.Holdings == "" {
		return nil, nil
	}
	return tx.keys.Portal.Seal([]byte(r.Holdings), "residues", "holdings", r.ID)
}

// UpdateResidue changes what is known of a residue, if it still is of the version that r was read with. Otherwise it is
// rights.ErrConflict. What is over needs no records any more: they are forgotten.
func (tx *Tx) UpdateResidue(r Residue, why ...rights.Entry) error {
	if r.State == "over" {
		r.Holdings = ""
	}
	holdings, err := tx.sealHoldings(r)
	if err != nil {
		return err
	}
	n, err := tx.exec(`UPDATE residues SET until = $3, holdings = $4, state = $5, next_at = $6, attempts = $7, checked_at = $8, version = version + 1
		WHERE id = $1 AND version = $2`, r.ID, r.Version, r.Until.String(), holdings, r.State, millis(r.NextAt), r.Attempts, millis(r.At))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM residues WHERE id = $1", r.ID)
	}
	if err != nil {
		return fmt.Errorf("update residue: %w", err)
	}
	for _, entry := range why {
		if err := tx.Append(entry); err != nil {
			return err
		}
	}
	return nil
}

// NextResidue returns what is to be looked at first, rights.ErrNotFound where nothing is yet.
func (r reads) NextResidue(ctx context.Context, now time.Time) (Residue, error) {
	return one(r.from.row(ctx, "SELECT "+residueColumns+" FROM residues WHERE state = 'stands' AND next_at <= $1 ORDER BY next_at, id LIMIT 1", millis(now)), r.scanResidue)
}

// ResiduesOf lists what the erasure of a request left, source by source.
func (r reads) ResiduesOf(ctx context.Context, request string) ([]Residue, error) {
	rows, err := r.from.query(ctx, "SELECT "+residueColumns+" FROM residues WHERE request_id = $1 ORDER BY source, kind, copy", request)
	return all(rows, err, r.scanResidue)
}

func (r reads) scanResidue(row scanner) (d Residue, err error) {
	var on, until string
	var holdings []byte
	var next, checked int64
	if err := row.Scan(&d.ID, &d.Request, &d.Kind, &d.Source, &d.Copy, &on, &until, &holdings, &d.State, &next, &d.Attempts, &checked, &d.Version); err != nil {
		return d, err
	}
	d.NextAt, d.At = moment(next), moment(checked)
	if d.ErasedOn, err = rights.ParseDate(on); err != nil {
		return d, err
	}
	if until != "" {
		if d.Until, err = rights.ParseDate(until); err != nil {
			return d, err
		}
	}
	if holdings != nil {
		d.Holdings, err = open(r.keys.Portal, holdings, "residues", "holdings", d.ID)
	}
	return d, err
}

// EraseAgain starts the erasure of a request once more, closed or not: its data has come back.
func (tx *Tx) EraseAgain(request string, at time.Time) error {
	err := tx.change(rights.ErrConflict, `UPDATE erasures SET state = 'waiting', again = 1, next_at = $2, round = round + 1, attempts = 0, source = '', trouble = '',
		version = version + 1 WHERE request_id = $1 AND state IN ('done', 'by_hand')`, request, millis(at))
	if err != nil {
		return fmt.Errorf("erase again: %w", err)
	}
	return nil
}

// Tombstones returns how many of the marks are those of somebody who was erased.
func (r reads) Tombstones(ctx context.Context, marks []string) (n int, err error) {
	for _, mark := range marks {
		var one int
		err := translate(r.from.row(ctx, "SELECT 1 FROM tombstones WHERE hash = $1", r.tombstone(mark)).Scan(&one))
		switch {
		case err == nil:
			n++
		case !errors.Is(err, rights.ErrNotFound):
			return n, err
		}
	}
	return n, nil
}
