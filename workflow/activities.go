package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// What handlers name of the record of processing.
type (
	Processing   = sources.Processing
	RecordValue  = sources.Value
	MapGap       = sources.Gap
	MapTally     = sources.Tally
	Completeness = sources.Completeness
	MapChange    = sources.MapChange
	Text         = sources.Text
)

// RecordFacts are the kinds of facts of a record of processing, in the order in which they are read.
var RecordFacts = sources.FactKinds

// MapVersion is a version of the record of processing, from when on it stood.
type MapVersion struct {
	Version int
	SHA256  string
	KeptAt  time.Time
	Changes int // since the version before; 0 for the first
}

// Activities is the record of processing activities as it stands (GDPR Art. 30; PIPL Art. 51, 55–56).
type Activities struct {
	Record  sources.ProcessingRecord
	Whole   []map[string][]RecordValue // of each entry, by kind of fact
	Version MapVersion
	Completeness
}

// Activities returns the record of processing for whoever may see it. It holds nobody's data.
func (p *Portal) Activities(ctx context.Context, by rights.Actor) (Activities, error) {
	if err := may(by, rights.SeeActivities); err != nil {
		return Activities{}, err
	}
	return p.activities(ctx)
}

// TakeActivities is Activities for a copy that leaves the desk, which is entered into the audit log: as is "csv" or "print".
func (p *Portal) TakeActivities(ctx context.Context, by rights.Actor, as string) (Activities, error) {
	a, err := p.Activities(ctx, by)
	if err != nil {
		return a, err
	}
	facts := map[string]string{"as": as, "version": strconv.Itoa(a.Version.Version), "sha256": a.Version.SHA256}
	return a, p.Store.Write(ctx, func(tx *store.Tx) error { return tx.Append(p.entry(by, "activities.taken", "", "", facts)) })
}

func (p *Portal) activities(ctx context.Context) (Activities, error) {
	v, err := p.currentMap(ctx)
	if err != nil {
		return Activities{}, err
	}
	a := Activities{
		Record: p.Sources.ProcessingRecord(), Completeness: p.Sources.Completeness(p.home()),
		Version: MapVersion{Version: v.Version, SHA256: v.SHA256, KeptAt: v.KeptAt},
	}
	for _, e := range a.Record {
		a.Whole = append(a.Whole, e.Whole(p.home()))
	}
	return a, nil
}

// home is the country of the house, whose holidays count, too: "US-CA" is in the US.
func (p *Portal) home() string { return p.Country[:min(2, len(p.Country))] }

// KeepMap keeps a version of the record of processing where the data map says something else than the version before. It
// is never "had": there is one map, and it changes with a restart only.
func (p *Portal) KeepMap(ctx context.Context) (had bool, err error) {
	_, err = p.currentMap(ctx)
	return false, err
}

// currentMap returns the version that the data map is, and keeps it first if it is new.
func (p *Portal) currentMap(ctx context.Context) (store.MapVersion, error) {
	record, err := json.Marshal(p.Sources.ProcessingRecord())
	if err != nil {
		return store.MapVersion{}, fmt.Errorf("write the record of processing: %w", err)
	}
	sum := sha256.Sum256(record)
	last, err := p.Store.LastMapVersion(ctx)
	if err = ignoreNotFound(err); err != nil || last.SHA256 == hex.EncodeToString(sum[:]) {
		return last, err
	}
	next := store.MapVersion{Version: last.Version + 1, SHA256: hex.EncodeToString(sum[:]), Record: record, KeptAt: p.Now()}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertMapVersion(next, p.entry(rights.System, "map.changed", "", "", map[string]string{"version": strconv.Itoa(next.Version), "sha256": next.SHA256}))
	})
	if errors.Is(err, rights.ErrConflict) { // a page and the chore came at once: one of them kept it
		return p.Store.LastMapVersion(ctx)
	}
	return next, err
}

// mapVersionsShown is how many versions of the map are listed.
const mapVersionsShown = 50

// MapVersions lists the newest versions of the record of processing, newest first.
func (p *Portal) MapVersions(ctx context.Context, by rights.Actor) ([]MapVersion, error) {
	if err := may(by, rights.SeeActivities); err != nil {
		return nil, err
	}
	if _, err := p.currentMap(ctx); err != nil {
		return nil, err
	}
	kept, err := p.Store.MapVersions(ctx, mapVersionsShown+1)
	if err != nil {
		return nil, err
	}
	var out []MapVersion
	for i, v := range kept[:min(len(kept), mapVersionsShown)] {
		line := MapVersion{Version: v.Version, SHA256: v.SHA256, KeptAt: v.KeptAt}
		if i+1 < len(kept) {
			changes, err := since(v, kept[i+1])
			if err != nil {
				return nil, err
			}
			line.Changes = len(changes)
		}
		out = append(out, line)
	}
	return out, nil
}

// MapDifference is in what one version of the record of processing differs from another.
type MapDifference struct {
	From, To MapVersion
	Changes  []MapChange
}

// MapDifference compares two versions; from 0 is the one before to, and to 0 the newest.
func (p *Portal) MapDifference(ctx context.Context, by rights.Actor, from, to int) (MapDifference, error) {
	if err := may(by, rights.SeeActivities); err != nil {
		return MapDifference{}, err
	}
	newest, err := p.currentMap(ctx)
	if err != nil {
		return MapDifference{}, err
	}
	if to == 0 {
		to = newest.Version
	}
	if from == 0 {
		from = max(1, to-1)
	}
	was, err := p.Store.MapVersion(ctx, from)
	if err != nil {
		return MapDifference{}, err
	}
	is, err := p.Store.MapVersion(ctx, to)
	if err != nil {
		return MapDifference{}, err
	}
	d := MapDifference{From: MapVersion{Version: from, KeptAt: was.KeptAt, SHA256: was.SHA256}, To: MapVersion{Version: to, KeptAt: is.KeptAt, SHA256: is.SHA256}}
	d.Changes, err = since(is, was)
	return d, err
}

// since is what a kept version says otherwise than another.
func since(is, was store.MapVersion) ([]MapChange, error) {
	var records [2]sources.ProcessingRecord
	for i, v := range []store.MapVersion{is, was} {
		if err := json.Unmarshal(v.Record, &records[i]); err != nil {
			return nil, fmt.Errorf("read version %d of the map: %w", v.Version, err)
		}
	}
	return records[0].Since(records[1]), nil
}

// MapRules are the names of what the record of processing is looked through for, in the order in which it is told.
func MapRules() []string { return sources.GapRules() }
