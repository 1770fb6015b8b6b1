package workflow

import (
	"context"

	"habeas/rights"
)

// Colleague is a member of the team as the others know them.
type Colleague struct {
	ID, Name string
	Handles  bool // requests can be given to them
}

// Colleagues lists the team, those who have left included: what was theirs still names them.
func (p *Portal) Colleagues(ctx context.Context, by rights.Actor) ([]Colleague, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, err
	}
	team, err := p.Store.ListStaff(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Colleague, len(team))
	for i, m := range team {
		out[i] = Colleague{ID: m.ID, Name: m.Name, Handles: m.State == "active" && m.Role.May(rights.HandleRequest)}
	}
	return out, nil
}
