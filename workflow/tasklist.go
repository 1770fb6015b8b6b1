package workflow

import (
	"context"
	"slices"
	"strconv"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// What a list of tasks shows: whom a request is about is not in it.
type (
	TaskRow   = store.TaskRow
	TaskQuery = store.TaskQuery
)

// Tasks returns a page of the open tasks of all requests, soonest due first, and the mark of the next.
func (p *Portal) Tasks(ctx context.Context, by rights.Actor, q TaskQuery) ([]TaskRow, string, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, "", err
	}
	return p.Store.Tasks(ctx, q)
}

// TasksAll hands every task that a query finds to each, 100,000 at most, and writes down that a list left and how long it was,
// also where it broke off.
func (p *Portal) TasksAll(ctx context.Context, by rights.Actor, q TaskQuery, each func(TaskRow) error) error {
	n := 0
	err := func() error {
		for q.Limit = allPage; n < allRows; {
			rows, next, err := p.Tasks(ctx, by, q)
			if err != nil {
				return err
			}
			for _, row := range rows {
				n++
				if err := each(row); err != nil {
					return err
				}
			}
			if q.After = next; next == "" {
				break
			}
		}
		return nil
	}()
	if n == 0 && err != nil {
		return err
	}
	facts := map[string]string{"rows": strconv.Itoa(n)}
	for name, value := range map[string]string{"right": string(q.Right), "owner": q.Owner} {
		if value != "" {
			facts[name] = value
		}
	}
	if len(q.Sources) == 1 {
		facts["source"] = q.Sources[0]
	}
	if logged := p.Store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		return tx.Append(p.entry(by, "tasks.exported", "", "", facts))
	}); logged != nil {
		return logged
	}
	return err
}

// Team is who does by hand what is to be done in some sources. It is known by the first of them.
type Team struct {
	Key     string
	Name    sources.Text
	Sources []string
}

// Teams are the teams that the data map names, in the order of the configuration.
func (p *Portal) Teams() []Team {
	var out []Team
	for _, source := range p.Sources.Sources() {
		name := p.Sources.Team(source)
		if len(name) == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(t Team) bool { return t.Name.Same(name) })
		if i < 0 {
			out = append(out, Team{Key: source, Name: name})
			i = len(out) - 1
		}
		out[i].Sources = append(out[i].Sources, source)
	}
	return out
}

// TeamOf is who does what is to be done in a source, "" where the data map does not say.
func (p *Portal) TeamOf(source, language string) string { return p.Sources.Team(source).In(language) }

// RecipientName is what a recipient of data is called in a language, by the name that was kept of them in whichever.
func (p *Portal) RecipientName(name, language string) string {
	return p.Sources.RecipientName(name, language)
}

// ByHand reports whether a source is a system without a connection.
func (p *Portal) ByHand(source string) bool { return p.Sources.Manual(source) }
