package workflow

import (
	"context"
	"fmt"
	"sync"

	"habeas/rights"
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
	return rights.Facts{
		Received: r.ReceivedAt, Location: p.Location, Country: p.Country, Pauses: r.Clock.Pauses, Extended: r.Clock.Extended, Holidays: holidays,
	}, err
}
