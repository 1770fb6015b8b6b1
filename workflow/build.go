package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"habeas/export"
	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// buildLease is how long a build may take before another worker believes it crashed; a running build renews it.
const buildLease = 2 * time.Minute

// maxBuilds is how often a package is tried before an officer is asked.
const maxBuilds = 3

// BuildNext builds the next package that is waiting, or finds that nobody waits for it any more. It returns false when
// there is none.
func (p *Portal) BuildNext(ctx context.Context) (had bool, err error) {
	var pkg store.Package
	err = p.Store.Write(ctx, func(tx *store.Tx) (err error) {
		pkg, had, err = tx.ClaimPackage(p.Now(), buildLease)
		return err
	})
	if err != nil || !had {
		return false, err
	}
	if pkg.Number == 0 {
		defer p.builds.clear(pkg.Request)
	}
	r, err := p.Store.Request(ctx, pkg.Request)
	if err != nil {
		return true, err
	}
	if !r.State.Open() { // an officer answered in another way
		return true, p.dropPackage(ctx, pkg)
	}
	if pkg.Attempts-pkg.Tries > maxBuilds { // the last one never came back to say that it failed
		return true, p.buildFailed(ctx, r, pkg)
	}
	err = p.build(ctx, r, pkg)
	switch {
	case err == nil:
		return true, p.removeAttempts(pkg, pkg.Attempts-1) // the builders of those died
	case ctx.Err() != nil: // stopping: the lease runs out and the next start builds it
		return true, ctx.Err()
	case errors.Is(err, rights.ErrGone), errors.Is(err, rights.ErrConflict): // somebody took it back, or finished it first
		p.Log.Info("package not kept", "request", r.ID, "attempt", pkg.Attempts)
		return true, nil
	}
	p.Log.Error("package not built", "request", r.ID, "attempt", pkg.Attempts, "error", err)
	return true, p.buildFailed(ctx, r, pkg)
}

func (p *Portal) build(ctx context.Context, r rights.Request, pkg store.Package) error {
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	var supplement *export.Supplement
	if pkg.Number > 0 {
		if supplement, err = p.supplementOf(ctx, pkg); err != nil {
			return err
		}
		if s, err = p.askAgain(ctx, s); err != nil {
			return err
		}
	}
	in, err := p.contents(ctx, s, r)
	if err != nil {
		return err
	}
	in.Supplement, in.Progress = supplement, p.watch(ctx, pkg)
	path := p.packageFile(pkg, pkg.Attempts)
	file, key, err := export.Create(path)
	if err != nil {
		return err
	}
	result, err := export.Build(ctx, file, in)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, remove(path))
	}
	if supplement != nil {
		before, err := fromOptionalJSON[[]export.Missing](pkg.Missing)
		if err != nil {
			return errors.Join(err, remove(path))
		}
		nothing := len(result.Missing) == len(supplement.Of)
		result.Missing = append(result.Missing, slices.DeleteFunc(before, byMachine)...)
		if nothing { // has come back
			return errors.Join(remove(path), p.stillMissing(ctx, r, pkg, result.Missing))
		}
	}
	now := p.Now()
	pkg.State, pkg.FileKey, pkg.Bytes, pkg.SHA256 = "ready", key, result.Bytes, result.SHA256
	pkg.Done, pkg.Total, pkg.ReadyAt, pkg.ExpiresAt = result.Records, result.Records, now, now.Add(packageLife)
	if pkg.Missing, err = missingText(result.Missing); err != nil {
		return errors.Join(err, remove(path))
	}
	if err := p.keepPackage(ctx, s, r, pkg, result); err != nil { // cancelled, stopped or overtaken while it was built: nothing of it stays
		return errors.Join(err, remove(path))
	}
	return nil
}

// keepPackage hands a package out, and closes its request unless something is still missing: then it stays open, with a
// task for each source that is, and a supplement is tried.
func (p *Portal) keepPackage(ctx context.Context, s store.Subject, r rights.Request, pkg store.Package, result export.Result) error {
	facts := map[string]string{"records": fmt.Sprint(result.Records), "sha256": result.SHA256}
	whole := len(result.Missing) == 0
	kind := packageEvents[pkg.Number > 0][whole]
	letter, dedupe := mail.Message(mail.PackageReady{Ref: r.Ref, Until: p.local(pkg.ExpiresAt), Missing: !whole}), "package"
	if pkg.Number > 0 {
		facts["supplement"] = fmt.Sprint(pkg.Number)
		letter, dedupe = mail.SupplementReady{Ref: r.Ref, Until: p.local(pkg.ExpiresAt), Missing: !whole}, fmt.Sprintf("supplement %d", pkg.Number)
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		r, err := stillBuilding(ctx, tx, pkg)
		if err != nil {
			return err
		}
		if err := tx.UpdatePackage(pkg); err != nil {
			return err
		}
		if err := tx.Append(p.entry(rights.System, "package.built", s.ID, r.ID, facts)); err != nil {
			return err
		}
		if err := p.settleTasks(ctx, tx, r, func(of string) bool {
			return !slices.ContainsFunc(result.Missing, func(m export.Missing) bool { return m.Source == of })
		}); err != nil {
			return err
		}
		if whole {
			_, err = p.move(tx, rights.System, r, rights.Fulfilled, kind, facts)
		} else if err = tx.InsertEvent(p.event(rights.System, r.ID, kind, facts)); err == nil {
			err = p.lack(ctx, tx, r, pkg, result.Missing)
		}
		if err != nil {
			return err
		}
		return p.write(tx, s, r, dedupe, letter)
	})
}

// packageEvents name a step of the history by whether it is a supplement, and whether nothing is missing any more.
var packageEvents = map[bool]map[bool]string{
	false: {true: "package_ready", false: "package_incomplete"},
	true:  {true: "supplement_ready", false: "supplement_part"},
}

// contents gathers what a package holds besides the records: consents, requests, the house.
func (p *Portal) contents(ctx context.Context, s store.Subject, r rights.Request) (export.Input, error) {
	person, err := p.whole(ctx, s)
	if err != nil {
		return export.Input{}, err
	}
	consents, err := p.Store.ConsentEvents(ctx, s.ID)
	if err != nil {
		return export.Input{}, err
	}
	var requests []rights.Request
	for after := ""; ; {
		page, next, err := p.Store.RequestsOf(ctx, s.ID, after, 200)
		if err != nil {
			return export.Input{}, err
		}
		requests = append(requests, page...)
		if next == "" {
			break
		}
		after = next
	}
	return export.Input{
		Request: r, Mailbox: s.Mailbox, MadeAt: p.Now().In(p.Location), Language: r.Language, Person: person, Sources: p.Sources,
		Controller: export.Controller{Name: p.House.Name, Address: p.House.Address, Contact: p.House.PrivacyContact},
		Purposes:   p.Purposes, Consents: consents, Requests: requests,
	}, nil
}

// watch returns a progress function that tells waiting pages at once and renews the build's lease now and then.
func (p *Portal) watch(ctx context.Context, pkg store.Package) func(done, total int) error {
	renewed := p.Now()
	return func(done, total int) error {
		if pkg.Number == 0 { // nobody waits on a page for a supplement
			p.builds.set(pkg.Request, done, total)
		}
		now := p.Now()
		if now.Sub(renewed) < buildLease/4 {
			return nil
		}
		renewed = now
		pkg.Done, pkg.Total, pkg.NextAt = done, total, now.Add(buildLease)
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			if _, err := stillBuilding(ctx, tx, pkg); err != nil {
				return err
			}
			return tx.UpdatePackage(pkg)
		})
	}
}

// stillBuilding returns the request of a package as it is now. It is ErrGone once somebody cancelled, stopped or answered it
// while it was built, or another builder finished it.
func stillBuilding(ctx context.Context, tx *store.Tx, pkg store.Package) (rights.Request, error) {
	current, err := tx.Package(ctx, pkg.Request, pkg.Number)
	if err != nil {
		return rights.Request{}, err
	}
	r, err := tx.Request(ctx, pkg.Request)
	if err == nil && (current.State != "building" || !r.State.Open()) {
		err = rights.ErrGone
	}
	return r, err
}

// buildFailed tries again later, or leaves the request with the officers and tells the person so.
func (p *Portal) buildFailed(ctx context.Context, r rights.Request, pkg store.Package) error {
	if pkg.Number > 0 { // of which nobody is told before it is there
		missing, err := fromOptionalJSON[[]export.Missing](pkg.Missing)
		if err != nil {
			return err
		}
		return p.stillMissing(ctx, r, pkg, missing)
	}
	pkg.State, pkg.NextAt = "queued", p.Now().Add(time.Duration(pkg.Attempts)*30*time.Second)
	if pkg.Attempts < maxBuilds {
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			if _, err := stillBuilding(ctx, tx, pkg); err != nil {
				return err
			}
			return tx.UpdatePackage(pkg)
		})
	}
	pkg.State = "failed"
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if _, err := stillBuilding(ctx, tx, pkg); err != nil {
			return err
		}
		if err := tx.UpdatePackage(pkg); err != nil {
			return err
		}
		if err := tx.InsertEvent(p.event(rights.System, r.ID, "package_failed", nil)); err != nil {
			return err
		}
		if err := tx.Append(p.entry(rights.System, "package.failed", s.ID, r.ID, nil)); err != nil {
			return err
		}
		return p.write(tx, s, r, "package failed", mail.PackageFailed{Ref: r.Ref})
	})
}
