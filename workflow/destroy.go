package workflow

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Retention rules of the map (GDPR Art. 5(1)(e); PIPL Art. 19, 47(1)). Each is looked at once a day; what it finds is proposed, and
// once somebody has approved it, what was past the rule on that day is destroyed in batches. A batch is noted before it begins and
// after it ends, so that a crash in between loses nothing: what is done twice is done once.

const (
	quietDays       = 30 // in which what was declined, and what a source refused, is not proposed again unless somebody asks
	destroyedAtOnce = 1000
)

// DestructionRule is a retention rule as the map said it when something was proposed by it. It stands in the record, whatever the
// map says later.
type DestructionRule struct {
	System    sources.Text     `json:"system,omitempty"`
	Label     sources.Text     `json:"label,omitempty"`
	From      string           `json:"from"`
	FromLabel sources.Text     `json:"from_label,omitempty"`
	For       rights.Period    `json:"for"`
	Does      sources.Destroys `json:"does"`
	Key       []string         `json:"key,omitempty"`  // the fields by which a batch notes its records
	Gone      []RuleField      `json:"gone,omitempty"` // what records lose that stay
	Kept      []RuleField      `json:"kept,omitempty"`
	Retention sources.Text     `json:"retention,omitempty"` // the law or the ground, in the words of the map
	Copies    []sources.Copy   `json:"copies,omitempty"`    // where records lie besides, and for how long
}

// ByMachine reports whether the rule is carried out here; else the map lets no machine do anything, or keeps all of it.
func (r DestructionRule) ByMachine() bool { return r.Does != sources.DestroyNone }

// Forgets reports whether only a copy is destroyed: in the system itself people do it.
func (r DestructionRule) Forgets() bool { return r.Does == sources.DestroyForget }

// RuleField is a field that a rule names.
type RuleField struct {
	Name  string       `json:"name"`
	Label sources.Text `json:"label,omitempty"`
}

func (p *Portal) ruleWords(r sources.Rule) DestructionRule {
	c := r.Collection
	out := DestructionRule{
		Key: c.KeyNames(), System: c.Dataset.Label, Label: c.Label, From: r.From.Name, FromLabel: r.From.Label, For: r.For, Does: r.Does, Retention: c.Meta.Retention,
		Copies: p.Sources.Copies(c.Source()),
	}
	if r.Does == sources.DestroyMask {
		for _, f := range r.Fate.Gone {
			out.Gone = append(out.Gone, RuleField{f.Name, f.Label})
		}
		for _, f := range r.Fate.Kept {
			out.Kept = append(out.Kept, RuleField{f.Name, f.Label})
		}
	}
	return out
}

// same reports whether two rules do the same to the same records, however they are worded.
func (r DestructionRule) same(o DestructionRule) bool {
	names := func(list []RuleField) (out []string) {
		for _, f := range list {
			out = append(out, f.Name)
		}
		return out
	}
	return slices.Equal(r.Key, o.Key) && r.From == o.From && r.For == o.For && r.Does == o.Does && slices.Equal(names(r.Gone), names(o.Gone))
}

// Destruction is one with what stands in it.
type Destruction struct {
	store.Destruction
	Rule  DestructionRule
	Found sources.Survey
}

func readDestruction(d store.Destruction) (Destruction, error) {
	rule, unread := fromJSON[DestructionRule](d.Rule)
	found, err := fromJSON[sources.Survey](d.Found)
	return Destruction{Destruction: d, Rule: rule, Found: found}, errors.Join(unread, err)
}

// looked is what a rule found, and what it said then.
type looked struct {
	sources.Survey
	Rule *DestructionRule `json:",omitempty"` // nil of a look that was kept before this was noted
}

// outdated reports whether the rule does something else today than when it was looked at.
func (l looked) outdated(rule DestructionRule) bool { return l.Rule != nil && !l.Rule.same(rule) }

// SurveyNext looks at the next retention rule that was not looked at today as it stands, and proposes what it finds.
func (p *Portal) SurveyNext(ctx context.Context) (had bool, err error) {
	looks, err := p.Store.Looks(ctx)
	if err != nil {
		return false, err
	}
	for _, r := range p.Sources.Rules() {
		l := lookOf(looks, r)
		before, err := fromOptionalJSON[looked](l.Found)
		if err != nil {
			return false, err
		}
		if r.Does == sources.DestroyNone || l.Day == p.today() && !before.outdated(p.ruleWords(r)) || p.Now().Before(l.NextAt) {
			continue
		}
		err = p.survey(ctx, r, l)
		if err == nil || ctx.Err() != nil {
			return err == nil, err
		}
		p.Log.Warn("a retention rule waits", "source", l.Source, "collection", l.Collection, "attempt", l.Attempts+1, "error", err)
		l.NextAt, l.Attempts, l.Trouble = p.Now().Add(pause(l.Attempts)), l.Attempts+1, troubleOf(err)
		if l.Trouble != "" {
			err = nil
		} else {
			l.Trouble = string(sources.Broken) // nobody knows what it is: it is told, and holds up no other
		}
		return true, errors.Join(err, p.Store.Write(ctx, func(tx *store.Tx) error { return tx.SetLook(l) }))
	}
	return false, nil
}

func lookOf(looks []store.Look, r sources.Rule) store.Look {
	source, name := r.Collection.Source(), r.Collection.Name
	i := slices.IndexFunc(looks, func(l store.Look) bool { return l.Source == source && l.Collection == name })
	if i < 0 {
		return store.Look{Source: source, Collection: name}
	}
	return looks[i]
}

// troubleOf is what holds a rule up until another time, "" where nothing does.
func troubleOf(err error) string {
	var trouble *sources.SourceError
	switch {
	case errors.As(err, &trouble):
		return string(trouble.Kind)
	case errors.Is(err, sources.ErrUnsettled):
		return "unsettled"
	}
	return ""
}

// survey looks at one rule and proposes what it finds, or brings up to date what waits.
func (p *Portal) survey(ctx context.Context, r sources.Rule, l store.Look) error {
	spared, err := p.spared(ctx, r)
	if err != nil {
		return err
	}
	today := p.today()
	found, err := p.Sources.Survey(ctx, r, today, spared)
	if err != nil {
		return err
	}
	text, err := asJSON(found)
	if err != nil {
		return err
	}
	words := p.ruleWords(r)
	rule, err := asJSON(words)
	if err != nil {
		return err
	}
	kept, err := asJSON(looked{found, &words})
	if err != nil {
		return err
	}
	asked := l.AskedBy
	l.Day, l.Found, l.At, l.AskedBy, l.NextAt, l.Attempts, l.Trouble = today, kept, p.Now(), "", time.Time{}, 0, ""
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetLook(l); err != nil {
			return err
		}
		open, err := tx.OpenDestructions(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(open, func(d store.Destruction) bool { return d.Source == l.Source && d.Collection == l.Collection })
		if i < 0 {
			d := store.Destruction{
				ID: p.newID(), Source: l.Source, Collection: l.Collection, State: "proposed", Rule: rule, DueOn: today, Found: text, AskedBy: asked, ProposedAt: p.Now(),
			}
			return p.proposeDestruction(ctx, tx, d, found)
		}
		d := open[i]
		if d.State == "approved" || d.State == "postponed" && today.Before(d.Until) {
			return nil
		}
		d.Rule, d.DueOn, d.Found, d.AskedBy = rule, today, text, cmp.Or(d.AskedBy, asked)
		return p.renewDestruction(ctx, tx, d, found)
	})
}

// proposeDestruction proposes what a rule finds, unless it is no more than what was declined or refused not long ago.
func (p *Portal) proposeDestruction(ctx context.Context, tx *store.Tx, d store.Destruction, found sources.Survey) error {
	quiet := false
	if d.AskedBy == "" {
		last, err := tx.LastDestruction(ctx, d.Source, d.Collection)
		if err := ignoreNotFound(err); err != nil {
			return err
		}
		recent := err == nil && d.DueOn.Before(rights.DateOf(last.DecidedAt.In(p.Location)).AddDays(quietDays))
		quiet = recent && (last.State == "declined" || found.Due <= last.Refused)
	}
	if found.Due == 0 || quiet {
		return nil
	}
	if err := tx.InsertDestruction(d, p.entry(rights.System, "destruction.proposed", "", "", destructionFacts(d, found.Due))); err != nil {
		return err
	}
	return p.tellApprovers(ctx, tx, d)
}

// renewDestruction brings a proposal up to date that waits, or whose time has come. Where nothing is due any more, it lapses.
func (p *Portal) renewDestruction(ctx context.Context, tx *store.Tx, d store.Destruction, found sources.Survey) error {
	if found.Due == 0 {
		d.State = "lapsed"
		return tx.UpdateDestruction(d, p.entry(rights.System, "destruction.lapsed", "", "", destructionFacts(d, 0)))
	}
	if d.State == "proposed" {
		return tx.UpdateDestruction(d)
	}
	d.State, d.DecidedBy, d.DecidedAt, d.Reason, d.Until = "proposed", "", time.Time{}, "", rights.Date{}
	if err := tx.UpdateDestruction(d, p.entry(rights.System, "destruction.proposed", "", "", destructionFacts(d, found.Due))); err != nil {
		return err
	}
	return p.tellApprovers(ctx, tx, d)
}

func (p *Portal) tellApprovers(ctx context.Context, tx *store.Tx, d store.Destruction) error {
	return p.notifyWhoMay(ctx, tx, rights.Approve, notice{kind: rights.AlertRetention, day: d.DueOn, by: d.AskedBy, dedupe: "retention " + d.ID + " " + d.DueOn.String()})
}

func destructionFacts(d store.Destruction, records int) map[string]string {
	return map[string]string{"destruction": d.ID, "source": d.Source, "collection": d.Collection, "records": strconv.Itoa(records), "due_on": d.DueOn.String()}
}

// spared are the IDs of records of the collection of a rule that no rule destroys now: somebody's who is in a dispute, who asked
// about them and has no answer yet, or whose data is restricted.
func (p *Portal) spared(ctx context.Context, r sources.Rule) (map[string]bool, error) {
	subjects, err := p.Store.SparedSubjects(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, id := range subjects {
		s, err := p.Store.Subject(ctx, id)
		if errors.Is(err, rights.ErrGone) { // erased at this moment: nothing of theirs is known here
			continue
		}
		if err != nil {
			return nil, err
		}
		person, err := p.whole(ctx, s)
		if err != nil {
			return nil, err
		}
		ids, err := p.Sources.Held(ctx, r, person)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out[id] = true
		}
	}
	return out, nil
}
