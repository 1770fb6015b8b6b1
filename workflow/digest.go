package workflow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// digestLines is how many of their requests a digest lists.
const digestLines = 10

// teamMark is where the round of the digest ends: at the team's own mailbox, after every staff ID, which are hex.
const teamMark = "team"

// SendDigest takes one step of the daily digest: the letter of the next member of staff, if there is something to say.
// It begins at the hour that the house has set, once a day; a portal that was off at that hour sends it when it is back.
func (p *Portal) SendDigest(ctx context.Context) (had bool, err error) {
	set, err := p.settings(ctx)
	if err != nil {
		return false, err
	}
	now := p.Now().In(p.Location)
	// Where clocks jump over that hour, time.Date names a moment beside it; where it comes twice, one of the two.
	if now.Before(time.Date(now.Year(), now.Month(), now.Day(), set.DigestHour, 0, 0, 0, p.Location)) {
		return false, nil
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		round, err := tx.Round(ctx, "digest")
		if err != nil {
			return err
		}
		if day := p.today().String(); round.Turn != day {
			round = store.Round{Turn: day}
		}
		if had = !round.Done; !had {
			return nil
		}
		team, err := tx.ListStaff(ctx)
		if err != nil {
			return err
		}
		slices.SortFunc(team, func(a, b store.Staff) int { return cmp.Compare(a.ID, b.ID) })
		at := slices.IndexFunc(team, func(m store.Staff) bool { return m.ID > round.Mark })
		if at < 0 {
			round.Mark, round.Done = teamMark, true
			err = p.digestOfTeam(ctx, tx, round.Turn)
		} else {
			round.Mark = team[at].ID
			err = p.digestOf(ctx, tx, team[at], round.Turn)
		}
		if err != nil {
			return err
		}
		return tx.SetRound("digest", round)
	})
	return had, err
}

// digestOf queues the digest of one member of staff who answers requests, unless it would be empty.
func (p *Portal) digestOf(ctx context.Context, tx *store.Tx, m store.Staff, day string) error {
	if m.State != "active" || !m.Role.May(rights.HandleRequest) {
		return nil
	}
	own, err := tx.Workload(ctx, m.ID, p.today())
	if err != nil {
		return err
	}
	unseen, err := tx.AlertCounts(ctx, m.ID)
	if err != nil {
		return err
	}
	d := mail.StaffDigest{Late: own.Late, Week: own.Week, Messages: unseen[rights.AlertMessage]}
	for _, n := range unseen {
		d.Alerts += n
	}
	soonest, err := tx.OwnDue(ctx, m.ID, p.today().AddDays(7), digestLines)
	if err != nil {
		return err
	}
	for _, r := range soonest {
		d.Requests = append(d.Requests, mail.DueRequest{Ref: r.Ref, Right: r.Called(), Due: r.Due})
	}
	if m.Role.May(rights.Approve) {
		if d.Team, err = p.teamNumbers(ctx, tx); err != nil {
			return err
		}
	}
	if d.Late+d.Week+d.Alerts == 0 && d.Team == nil {
		return nil
	}
	return p.enqueue(tx, outgoing{to: m.Email, language: m.Language, dedupe: "digest " + day + " " + m.ID, message: d})
}

// digestOfTeam queues the digest of the team's own mailbox: what has come in and what nobody has taken.
func (p *Portal) digestOfTeam(ctx context.Context, tx *store.Tx, day string) error {
	to, err := mail.Canonical(p.House.PrivacyContact)
	if err != nil {
		return nil // it may be a postal address or a page
	}
	team, err := p.teamNumbers(ctx, tx)
	if err != nil || team == nil || team.New+team.Unassigned == 0 {
		return err
	}
	return p.enqueue(tx, outgoing{to: to, language: p.Languages[0], dedupe: fmt.Sprintf("digest %s %s", day, teamMark), message: mail.StaffDigest{Team: team}})
}

// teamNumbers is how the whole desk stands; nil where there is nothing to do.
func (p *Portal) teamNumbers(ctx context.Context, tx *store.Tx) (*mail.TeamDigest, error) {
	all, err := tx.Workload(ctx, "", p.today())
	if err != nil {
		return nil, err
	}
	since, err := tx.ReceivedSince(ctx, p.Now().Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	if all.Late+all.Week+all.Unassigned+since == 0 {
		return nil, nil
	}
	return &mail.TeamDigest{Open: all.Open, Late: all.Late, Week: all.Week, Unassigned: all.Unassigned, New: since}, nil
}
