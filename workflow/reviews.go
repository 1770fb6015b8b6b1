package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// reviewEvery is how many months lie between two self-checks.
const reviewEvery = 3

// SelfCheck is what the self-check finds now, and when it has to be signed next.
type SelfCheck struct {
	Findings []Finding
	Seen     string // the mark of the findings: who signs names what they saw
	Due      rights.Date
	Version  int // of the record of processing
	Percent  int // that it is complete to
	Names    map[string]string
	Kept     []Review
}

// Review is a self-check that was signed.
type Review struct {
	ID       string    `json:"id"`
	SignedAt time.Time `json:"signed_at"`
	Staff    string    `json:"staff"`
	Name     string    `json:"name"`
	Version  int       `json:"version"`
	Percent  int       `json:"percent"`
	Findings []Finding `json:"findings"`
	Remark   string    `json:"remark,omitempty"`

	SHA256 string            `json:"-"`
	Names  map[string]string `json:"-"` // of colleagues, by staff ID
}

// reviewsShown is how many signed reviews are listed.
const reviewsShown = 40

// SelfCheck runs the self-check for whoever may see it.
func (p *Portal) SelfCheck(ctx context.Context, by rights.Actor) (SelfCheck, error) {
	if err := may(by, rights.SeeActivities); err != nil {
		return SelfCheck{}, err
	}
	a, err := p.activities(ctx)
	if err != nil {
		return SelfCheck{}, err
	}
	c := SelfCheck{Version: a.Version.Version, Percent: a.Percent()}
	facts, err := p.checked(ctx, a.Gaps)
	if err != nil {
		return c, err
	}
	c.Findings = selfCheck(facts)
	if c.Due, err = p.reviewDue(ctx); err != nil {
		return c, err
	}
	if c.Names, err = p.names(ctx); err != nil {
		return c, err
	}
	kept, err := p.Store.Reviews(ctx, reviewsShown)
	if err != nil {
		return c, err
	}
	for _, k := range kept {
		r, err := readReview(k)
		if err != nil {
			return c, err
		}
		c.Kept = append(c.Kept, r)
	}
	c.Seen, err = c.mark()
	return c, err
}

// mark tells one set of findings from another, and what was signed from what was not: a form that is sent twice signs once.
func (c SelfCheck) mark() (string, error) {
	last := ""
	if len(c.Kept) > 0 {
		last = c.Kept[0].ID
	}
	text, err := json.Marshal(struct {
		Last     string
		Findings []Finding
	}{last, c.Findings})
	if err != nil {
		return "", fmt.Errorf("write the findings: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// checked gathers what the checks look at.
func (p *Portal) checked(ctx context.Context, gaps []MapGap) (f checked, err error) {
	now := p.Now()
	f = checked{today: p.today(), where: p.Location, purposes: p.Purposes, gaps: gaps, ending: map[string]int{}}
	for _, key := range p.Sources.Sources() {
		if !p.Sources.Manual(key) {
			f.sources = append(f.sources, key)
		}
	}
	if f.open, err = p.Store.OpenByRight(ctx, now.Add(-unownedAfter)); err != nil {
		return f, err
	}
	for _, purpose := range p.Purposes {
		if purpose.ValidFor == 0 {
			continue
		}
		// Whatever was given in these days runs out between now and then.
		from, to := f.today.AddMonths(-purpose.ValidFor), f.today.AddDays(endingDays).AddMonths(-purpose.ValidFor)
		if f.ending[purpose.Key], err = p.Store.ConsentsGivenIn(ctx, purpose.Key, from.In(p.Location), to.In(p.Location)); err != nil {
			return f, err
		}
	}
	if f.contacts, err = p.Store.Contacts(ctx); err != nil {
		return f, err
	}
	if f.team, err = p.Store.ListStaff(ctx); err != nil {
		return f, err
	}
	for _, m := range f.team {
		if m.State == "active" && m.Role.May(rights.HandleRequest) {
			f.answering++
		}
	}
	if f.signIns, err = p.Store.SignIns(ctx); err != nil {
		return f, err
	}
	_, f.parked, err = p.Store.LettersNotSent(ctx, f.today.AddMonths(-reviewEvery).In(p.Location))
	return f, err
}

// reviewDue is the day on which the next self-check is due: a quarter after the last, or after the portal began to keep the map.
func (p *Portal) reviewDue(ctx context.Context) (rights.Date, error) {
	last, err := p.Store.Reviews(ctx, 1)
	if err != nil {
		return rights.Date{}, err
	}
	from := p.Now()
	if len(last) > 0 {
		from = last[0].SignedAt
	} else if first, err := p.Store.MapVersion(ctx, 1); err == nil {
		from = first.KeptAt
	} else if !errors.Is(err, rights.ErrNotFound) {
		return rights.Date{}, err
	}
	return rights.DateOf(from.In(p.Location)).AddMonths(reviewEvery), nil
}

// SignReview signs the self-check as it was seen, with a remark on whatever somebody has one on, and keeps it for good. Findings
// that have changed since are ErrConflict: nobody signs what they did not read.
func (p *Portal) SignReview(ctx context.Context, by rights.Actor, seen string, remarks map[string]string, remark string) (string, error) {
	if err := may(by, rights.SignReview); err != nil {
		return "", err
	}
	c, err := p.SelfCheck(ctx, by)
	if err != nil {
		return "", err
	}
	var faults rights.FieldErrors
	for i, f := range c.Findings {
		c.Findings[i].Remark = strings.TrimSpace(remarks[f.Check])
		if fault, bad := tooLong("remark."+f.Check, c.Findings[i].Remark); bad {
			faults = append(faults, fault)
		}
	}
	remark = strings.TrimSpace(remark)
	if fault, bad := tooLong("remark", remark); bad {
		faults = append(faults, fault)
	}
	if len(faults) > 0 {
		return "", faults
	}
	if c.Seen != seen {
		return "", rights.ErrConflict
	}
	r := Review{
		ID: p.newID(), SignedAt: p.Now().UTC(), Staff: by.ID, Name: c.Names[by.ID], Version: c.Version, Percent: c.Percent, Findings: c.Findings, Remark: remark,
	}
	record, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("write the review: %w", err)
	}
	sum := sha256.Sum256(record)
	kept := store.Review{ID: r.ID, SignedAt: r.SignedAt, Staff: by.ID, SHA256: hex.EncodeToString(sum[:]), Record: record}
	facts := map[string]string{"review": r.ID, "sha256": kept.SHA256, "version": strconv.Itoa(r.Version), "percent": strconv.Itoa(r.Percent)}
	for _, f := range r.Findings {
		facts["found."+f.Check] = strconv.Itoa(len(f.Points))
	}
	return r.ID, p.Store.Write(ctx, func(tx *store.Tx) error {
		last, err := tx.Reviews(ctx, 1)
		if err != nil {
			return err
		}
		if len(last) > 0 && (len(c.Kept) == 0 || last[0].ID != c.Kept[0].ID) { // somebody else has just signed the same
			return rights.ErrConflict
		}
		return tx.InsertReview(kept, p.entry(by, "review.signed", "", "", facts))
	})
}

// Review returns a signed self-check.
func (p *Portal) Review(ctx context.Context, by rights.Actor, id string) (Review, error) {
	if err := may(by, rights.SeeActivities); err != nil {
		return Review{}, err
	}
	kept, err := p.Store.Review(ctx, id)
	if err != nil {
		return Review{}, err
	}
	r, err := readReview(kept)
	if err != nil {
		return r, err
	}
	r.Names, err = p.names(ctx)
	return r, err
}

// readReview reads a kept record, and refuses one that is not what was signed.
func readReview(kept store.Review) (Review, error) {
	r := Review{SHA256: kept.SHA256}
	if sum := sha256.Sum256(kept.Record); hex.EncodeToString(sum[:]) != kept.SHA256 {
		return r, fmt.Errorf("review %s is not what was signed", kept.ID)
	}
	if err := json.Unmarshal(kept.Record, &r); err != nil {
		return r, fmt.Errorf("read review %s: %w", kept.ID, err)
	}
	return r, nil
}

// WatchReviews tells whoever may sign it when the quarterly self-check is due, once each time. It is never "had".
func (p *Portal) WatchReviews(ctx context.Context) (had bool, err error) {
	due, err := p.reviewDue(ctx)
	if err != nil || p.today().Before(due) {
		return false, err
	}
	return false, p.Store.Write(ctx, func(tx *store.Tx) error {
		return p.notifyWhoMay(ctx, tx, rights.SignReview, notice{kind: rights.AlertReview, day: due, dedupe: "review " + due.String()})
	})
}

// askEvery is how often a source is asked whether it is there.
const askEvery = time.Hour

// AskSource asks the next source whether it is there, and writes down whether it answered. Nobody's record is read.
func (p *Portal) AskSource(ctx context.Context) (had bool, err error) {
	contacts, err := p.Store.Contacts(ctx)
	if err != nil {
		return false, err
	}
	for _, key := range p.Sources.Sources() {
		recent := slices.ContainsFunc(contacts, func(c store.Contact) bool { return c.Source == key && p.Now().Sub(c.AskedAt) < askEvery })
		if recent || p.Sources.Manual(key) {
			continue
		}
		trouble := ""
		if err := p.Sources.Reach(ctx, key); err != nil {
			var down *sources.SourceError
			if !errors.As(err, &down) {
				return false, err
			}
			trouble = string(down.Kind)
		}
		return true, p.Store.Write(ctx, func(tx *store.Tx) error { return tx.SetContact(key, p.Now(), trouble) })
	}
	return false, nil
}
