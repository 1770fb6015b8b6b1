package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// scene is what somebody did, some days ago at an hour of the house's clock.
type scene struct {
	days int
	hour string
	who  string
	deed deed
}

// Play makes the team and plays every scene on a portal that was just opened. The portal's clock must read clock.
func Play(ctx context.Context, p *workflow.Portal, clock *time.Time, now time.Time) error {
	people := everybody(newRand())
	s := &stage{ctx: ctx, p: p, clock: clock, refs: map[string]string{}, staff: map[string]string{}, lives: lives(people, p.Config)}
	*clock = now.AddDate(0, 0, -teamSince)
	for _, m := range Personas {
		if m.Role == rights.RoleSubject {
			continue
		}
		if err := s.enrol(m, "en"); err != nil {
			return fmt.Errorf("enrol the %s: %w", m.Role, err)
		}
	}
	if err := s.keepEarlierMap(); err != nil {
		return fmt.Errorf("keep an earlier map: %w", err)
	}
	soon, err := dueSoon(p, now)
	if err != nil {
		return err
	}
	type act struct {
		scene
		at time.Time
	}
	var play []act
	for _, sc := range append(history(now, people), scenes(soon)...) {
		at, err := sc.moment(now, p.Location)
		if err != nil {
			return err
		}
		play = append(play, act{sc, at})
	}
	slices.SortStableFunc(play, func(a, b act) int { return a.at.Compare(b.at) })
	for _, a := range play {
		*clock = a.at
		if err := s.as(a.who, a.deed); err != nil {
			return fmt.Errorf("%d days ago, %s: %w", a.days, a.hour, err)
		}
		chores := s.housekeeping
		if a.days > historyUntil { // what the team was reminded of a year ago is of no use to a newcomer, and takes time
			chores = func() error { return s.repeat(s.post, s.answer) }
		}
		if err := chores(); err != nil {
			return fmt.Errorf("%d days ago, %s, housekeeping: %w", a.days, a.hour, err)
		}
	}
	*clock = now
	if err := s.repeat(s.p.SurveyNext); err != nil { // last night's
		return err
	}
	return s.housekeeping()
}

// moment is when the scene played. Today's scenes all lie in the past, early in the morning too.
func (sc scene) moment(now time.Time, where *time.Location) (time.Time, error) {
	hour, err := time.Parse("15:04", sc.hour)
	if err != nil {
		return hour, fmt.Errorf("a scene at %q: %w", sc.hour, err)
	}
	day := now.In(where).AddDate(0, 0, -sc.days)
	t := time.Date(day.Year(), day.Month(), day.Day(), hour.Hour(), hour.Minute(), 0, 0, where)
	if !t.Before(now) {
		t = t.AddDate(0, 0, -1)
	}
	return t, nil
}

// dueSoon returns how many days ago a request came in whose answer is owed within three days from now: the rule of the
// law decides, not a guess, because weekends and holidays move the end.
func dueSoon(p *workflow.Portal, now time.Time) (int, error) {
	regime, ok := rights.RegimeByID(p.Regime)
	if !ok {
		return 0, fmt.Errorf("regime %q is not known", p.Regime)
	}
	today := rights.DateOf(now.In(p.Location))
	best, nearest := 27, 1000
	for days := 20; days < 32; days++ {
		received := today.AddDays(-days)
		clock := regime.Clock(rights.Portability, rights.Facts{
			Received: received.In(p.Location).Add(12 * time.Hour), Location: p.Location, Country: p.Country, IdentityReceived: received,
		})
		left := today.DaysUntil(clock.DueDay())
		if left >= 1 && left < nearest {
			best, nearest = days, left
		}
	}
	return best, nil
}
