package workflow

import (
	"context"

	"habeas/rights"
)

// settings are what the house has set, as it stands now.
func (p *Portal) settings(ctx context.Context) (rights.Settings, error) {
	set, _, err := p.Store.Settings(ctx)
	return set, err
}
