package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"habeas/rights"
	"habeas/store"
)

// settings are what the house has set, as it stands now.
func (p *Portal) settings(ctx context.Context) (rights.Settings, error) {
	set, _, err := p.Store.Settings(ctx)
	return set, err
}

// calendars are the lines that the house has added to the holidays, read once a version of its settings.
type calendars struct {
	mu      sync.Mutex
	version int
	added   rights.Holidays
}

// holidays are those lines as they stand now: they count in every clock that is computed from then on.
func (p *Portal) holidays(ctx context.Context) (rights.Holidays, error) {
	set, version, err := p.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	p.calendars.mu.Lock()
	defer p.calendars.mu.Unlock()
	if p.calendars.version != version {
		added, err := rights.ParseHolidays(set.Holidays)
		if err != nil {
			return nil, fmt.Errorf("holidays of the settings, version %d: %w", version, err)
		}
		p.calendars.version, p.calendars.added = version, added
	}
	return p.calendars.added, nil
}

// facts are what the clock of a request is computed from.
func (p *Portal) facts(r rights.Request) (rights.Facts, error) {
	holidays, err := p.holidays(context.Background()) // one row, in the middle of an act that is not given up half-way
	return p.factsWith(r, holidays), err
}

func (p *Portal) factsWith(r rights.Request, holidays rights.Holidays) rights.Facts {
	return rights.Facts{
		Received: r.ReceivedAt, Location: p.Location, Country: p.Country, Pauses: r.Clock.Pauses, Extended: r.Clock.Extended, Holidays: holidays,
	}
}

// historyLines is how many versions of the settings their page shows.
const historyLines = 20

// HouseSettings are what the house has set, the version of it, and how it came to that.
type HouseSettings struct {
	rights.Settings
	Version int
	History []SettingsChange
}

// SettingsChange is what somebody changed of the settings.
type SettingsChange struct {
	At      time.Time
	By      string // the name of a colleague
	Version int
	Changes []rights.SettingChange
}

// HouseSettings returns the settings for whoever may see them.
func (p *Portal) HouseSettings(ctx context.Context, by rights.Actor) (HouseSettings, error) {
	if err := may(by, rights.SeeSettings); err != nil {
		return HouseSettings{}, err
	}
	set, version, err := p.Store.Settings(ctx)
	if err != nil {
		return HouseSettings{}, err
	}
	h := HouseSettings{Settings: set, Version: version}
	past, err := p.Store.SettingsHistory(ctx, historyLines+1)
	if err != nil {
		return h, err
	}
	names, err := p.names(ctx)
	if err != nil {
		return h, err
	}
	for i, v := range past[:min(len(past), historyLines)] {
		before := rights.DefaultSettings()
		if i+1 < len(past) {
			before = past[i+1].Settings
		}
		h.History = append(h.History, SettingsChange{At: v.ChangedAt, By: names[v.ChangedBy], Version: v.Version, Changes: v.Since(before)})
	}
	return h, nil
}

// SaveSettings changes what the house has set but its holidays, which are changed place by place. Somebody else's change
// since that version is ErrConflict.
func (p *Portal) SaveSettings(ctx context.Context, by rights.Actor, set rights.Settings, version int) error {
	return p.changeSettings(ctx, by, version, func(now rights.Settings) rights.Settings {
		set.Holidays = now.Holidays
		return set
	})
}

// SaveHolidays changes the lines that the house has added for one place. They count in every clock that is computed from
// then on; open clocks stay as they are until somebody recomputes them.
func (p *Portal) SaveHolidays(ctx context.Context, by rights.Actor, place, lines string, version int) error {
	if !slices.Contains(rights.HolidayPlaces(), place) {
		return rights.ErrNotFound
	}
	if f, bad := tooLong("lines", lines); bad {
		return rights.FieldErrors{f}
	}
	return p.changeSettings(ctx, by, version, func(now rights.Settings) rights.Settings {
		now.Holidays = maps.Clone(now.Holidays)
		if lines = strings.TrimSpace(lines); lines == "" {
			delete(now.Holidays, place)
		} else if now.Holidays == nil {
			now.Holidays = map[string]string{place: lines}
		} else {
			now.Holidays[place] = lines
		}
		return now
	})
}

// changeSettings replaces the settings of that version with their next; what changes nothing makes no version.
func (p *Portal) changeSettings(ctx context.Context, by rights.Actor, version int, change func(rights.Settings) rights.Settings) error {
	if err := may(by, rights.ManageSettings); err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		now, at, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		if at != version {
			return rights.ErrConflict
		}
		next := change(now)
		if err := next.Check(); err != nil {
			return err
		}
		changes := next.Since(now)
		if len(changes) == 0 {
			return nil
		}
		facts := map[string]string{}
		for _, c := range changes {
			facts[c.Field] = c.To
		}
		return tx.SaveSettings(next, version, p.entry(by, "settings.changed", "", "", facts))
	})
}
