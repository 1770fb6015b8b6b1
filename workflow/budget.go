package workflow

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"habeas/rights"
	"habeas/store"
)

// OverBudget says that a member of staff has looked at as many different people today as they may. It passes at the house's
// midnight, or when a colleague raises it for the day.
type OverBudget struct {
	Limit int
	Until time.Time
}

func (e OverBudget) Error() string {
	return fmt.Sprintf("the budget of %d people a day is used up: wait until %s, or ask an approver", e.Limit, e.Until.Format(time.RFC3339))
}

// Is makes errors.Is(err, rights.ErrTooMany) true.
func (e OverBudget) Is(target error) bool { return target == rights.ErrTooMany }

// seePerson counts a person against the budget of a member of staff who is about to see them, each once a day, however many
// of their pages are opened. Whoever the person was found to be the same as is the same person. It belongs in the
// transaction that writes the look down, so that many looks at once cannot pass together (security.md 6).
func (p *Portal) seePerson(ctx context.Context, tx *store.Tx, by rights.Actor, subjectID string) error {
	if !by.IsStaff() || subjectID == store.Pseudonym { // what belongs to nobody any more shows nobody
		return nil
	}
	head, err := tx.HeadOf(ctx, subjectID)
	if err != nil {
		return err
	}
	first, err := tx.SeePerson(by.ID, p.today(), head)
	if err != nil || !first {
		return err
	}
	stand, err := p.standing(ctx, tx, by.ID)
	switch {
	case err != nil:
		return err
	case stand.Seen > stand.Limit:
		return OverBudget{Limit: stand.Limit, Until: p.midnight()}
	case stand.Seen == stand.Limit:
		return p.alertBudget(ctx, tx, by, stand.Limit)
	}
	return nil
}

// alertBudget tells everybody who could raise it that a colleague has used up their budget, once for each height of it.
func (p *Portal) alertBudget(ctx context.Context, tx *store.Tx, by rights.Actor, limit int) error {
	team, err := tx.ListStaff(ctx)
	if err != nil {
		return err
	}
	for _, m := range team {
		if !mayRaise(m, by.ID) {
			continue
		}
		n := notice{to: m.ID, kind: rights.AlertBudget, by: by.ID, dedupe: fmt.Sprintf("budget %s %s %d %s", by.ID, p.today(), limit, m.ID)}
		if err := p.notify(ctx, tx, n); err != nil {
			return err
		}
	}
	return tx.Append(p.entry(by, "budget.used_up", "", "", map[string]string{"people": fmt.Sprint(limit)}))
}

// mayRaise reports whether somebody can raise the budget of a colleague: nobody their own.
func mayRaise(m store.Staff, of string) bool {
	return m.State == "active" && m.Role.May(rights.Approve) && m.ID != of
}

// midnight is when the house's day ends.
func (p *Portal) midnight() time.Time { return p.today().AddDays(1).In(p.Location) }

// BudgetState is where a member of staff stands today.
type BudgetState struct {
	store.Budget
	Limit int // what the house allows, or what a colleague has raised it to
}

// Near reports whether so much is used up that they should know: four fifths.
func (b BudgetState) Near() bool { return b.Seen*5 >= b.Limit*4 }

// answersBudget are a Store and a transaction alike.
type answersBudget interface {
	BudgetOf(ctx context.Context, staffID string, day rights.Date) (store.Budget, error)
	Settings(ctx context.Context) (rights.Settings, int, error)
}

func (p *Portal) standing(ctx context.Context, from answersBudget, staffID string) (BudgetState, error) {
	budget, err := from.BudgetOf(ctx, staffID, p.today())
	if err != nil {
		return BudgetState{}, err
	}
	set, _, err := from.Settings(ctx)
	return stateOf(budget, set), err
}

func stateOf(b store.Budget, set rights.Settings) BudgetState {
	return BudgetState{Budget: b, Limit: max(set.PeopleADay, b.Raised)}
}

// Budget returns where whoever asks stands today themselves.
func (p *Portal) Budget(ctx context.Context, by rights.Actor) (BudgetState, error) {
	if !by.IsStaff() {
		return BudgetState{}, rights.ErrNotFound
	}
	return p.standing(ctx, p.Store, by.ID)
}

// BudgetLine is where a colleague stands today.
type BudgetLine struct {
	BudgetState
	Name     string
	Role     rights.Role
	By       string // who raised it
	MayRaise bool   // whoever asks may raise it
}

// Budgets lists where every active colleague stands today, for whoever can raise a budget.
func (p *Portal) Budgets(ctx context.Context, by rights.Actor) ([]BudgetLine, error) {
	if err := may(by, rights.Approve); err != nil {
		return nil, err
	}
	set, err := p.settings(ctx)
	if err != nil {
		return nil, err
	}
	budgets, err := p.Store.Budgets(ctx, p.today())
	if err != nil {
		return nil, err
	}
	team, err := p.team(ctx)
	if err != nil {
		return nil, err
	}
	var out []BudgetLine
	for _, b := range budgets {
		if m := team[b.Staff]; m.State == "active" {
			out = append(out, BudgetLine{BudgetState: stateOf(b, set), Name: m.Name, Role: m.Role, By: team[b.RaisedBy].Name, MayRaise: m.ID != by.ID})
		}
	}
	return out, nil
}

// team is everybody who works or worked here, by ID.
func (p *Portal) team(ctx context.Context) (map[string]store.Staff, error) {
	list, err := p.Store.ListStaff(ctx)
	out := make(map[string]store.Staff, len(list))
	for _, m := range list {
		out[m.ID] = m
	}
	return out, err
}

// Raisers are the names of those who could raise somebody's budget.
func (p *Portal) Raisers(ctx context.Context, by rights.Actor) ([]string, error) {
	list, err := p.Store.ListStaff(ctx)
	var names []string
	for _, m := range list {
		if mayRaise(m, by.ID) {
			names = append(names, m.Name)
		}
	}
	return names, err
}

// maxBudget is the most people that anybody may look at in a day, as in the house's own settings.
const maxBudget = 1000

// RaiseBudget lets a colleague look at more people for the rest of today. Nobody raises their own.
func (p *Portal) RaiseBudget(ctx context.Context, by rights.Actor, staffID string, people int, reason string) error {
	if err := may(by, rights.Approve); err != nil {
		return err
	}
	if staffID == by.ID {
		return rights.Fault("staff", "budget.error.own", nil)
	}
	reason, fault := checkReason("reason", reason)
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		m, err := tx.StaffByID(ctx, staffID)
		if err != nil {
			return err
		}
		if m.State != "active" {
			return rights.ErrNotFound
		}
		stand, err := p.standing(ctx, tx, staffID)
		if err != nil {
			return err
		}
		var faults rights.FieldErrors
		if people <= stand.Limit || people > maxBudget {
			faults = append(faults, rights.FieldError{Field: "people", Key: "budget.error.people", Args: map[string]any{"Low": stand.Limit + 1, "High": maxBudget}})
		}
		if faults = append(faults, fault...); len(faults) > 0 {
			return faults
		}
		facts := map[string]string{"staff": staffID, "from": fmt.Sprint(stand.Limit), "to": fmt.Sprint(people)}
		return tx.RaiseBudget(staffID, p.today(), people, reason, p.entry(by, "budget.raised", "", "", facts))
	})
}

// minReason is the fewest characters in which a reason can be said.
const minReason = 10

// checkReason takes a reason in words, which somebody will read years later.
func checkReason(field, text string) (string, rights.FieldErrors) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) < minReason {
		return text, rights.Fault(field, "people.error.reason", map[string]any{"Min": minReason})
	}
	if f, bad := tooLong(field, text); bad {
		return text, rights.FieldErrors{f}
	}
	return text, nil
}
