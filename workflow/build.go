package workflow

import (
	"context"
	"errors"
	"fmt"
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
	defer p.builds.clear(pkg.Request)
	r, err := p.Store.Request(ctx, pkg.Request)
	if err != nil {
		return true, err
	}
	if !r.State.Open() { // an officer answered in another way
		return true, p.dropPackage(ctx, r.ID)
	}
	if pkg.Attempts > maxBuilds { // the last one never came back to say that it failed
		return true, p.buildFailed(ctx, r, pkg)
	}
	err = p.build(ctx, r, pkg)
	switch {
	case err == nil:
		return true, p.removeAttempts(r.ID, pkg.Attempts-1) // the builders of those died
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
	in, err := p.contents(ctx, s, r)
	if err != nil {
		return err
	}
	in.Progress = p.watch(ctx, pkg)
	path := p.packageFile(r.ID, pkg.Attempts)
	file, key, err := export.Create(path)
	if err != nil {
		return err
	}
	result, err := export.Build(ctx, file, in)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, remove(path))
	}
	now := p.Now()
	pkg.State, pkg.FileKey, pkg.Bytes, pkg.SHA256 = "ready", key, result.Bytes, result.SHA256
	pkg.Done, pkg.Total, pkg.ReadyAt, pkg.ExpiresAt = result.Records, result.Records, now, now.Add(packageLife)
	facts := map[string]string{"records": fmt.Sprint(result.Records), "sha256": result.SHA256}
	kind := "package_ready"
	if result.Incomplete {
		kind = "package_incomplete" // the package says which source and why
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := stillBuilding(ctx, tx, r.ID); err != nil {
			return err
		}
		if err := tx.UpdatePackage(pkg); err != nil {
			return err
		}
		// A package that lacks a source is not yet a whole answer: it stays open for the officers.
		if result.Incomplete {
			if err := tx.InsertEvent(p.event(rights.System, r.ID, kind, facts)); err != nil {
				return err
			}
			if err := tx.Append(p.entry(rights.System, "package.built", s.ID, r.ID, facts)); err != nil {
				return err
			}
		} else {
			if err := tx.Append(p.entry(rights.System, "package.built", s.ID, r.ID, facts)); err != nil {
				return err
			}
			if _, err := p.move(tx, rights.System, r, rights.Fulfilled, kind, facts); err != nil {
				return err
			}
		}
		return p.write(tx, s, r, "package", mail.PackageReady{Ref: r.Ref, Until: p.local(pkg.ExpiresAt)})
	})
	if err != nil { // cancelled, stopped or overtaken while it was built: nothing of it stays
		return errors.Join(err, remove(path))
	}
	return nil
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
		p.builds.set(pkg.Request, done, total)
		now := p.Now()
		if now.Sub(renewed) < buildLease/4 {
			return nil
		}
		renewed = now
		pkg.Done, pkg.Total, pkg.NextAt = done, total, now.Add(buildLease)
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			if err := stillBuilding(ctx, tx, pkg.Request); err != nil {
				return err
			}
			return tx.UpdatePackage(pkg)
		})
	}
}

// stillBuilding is ErrGone once somebody cancelled or stopped what is being built, or another builder finished it.
func stillBuilding(ctx context.Context, tx *store.Tx, request string) error {
	current, err := tx.PackageOf(ctx, request)
	if err != nil {
		return err
	}
	if current.State != "building" {
		return rights.ErrGone
	}
	return nil
}

// buildFailed tries again later, or leaves the request with the officers and tells the person so.
func (p *Portal) buildFailed(ctx context.Context, r rights.Request, pkg store.Package) error {
	pkg.State, pkg.NextAt = "queued", p.Now().Add(time.Duration(pkg.Attempts)*30*time.Second)
	if pkg.Attempts < maxBuilds {
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			if err := stillBuilding(ctx, tx, r.ID); err != nil {
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
		if err := stillBuilding(ctx, tx, r.ID); err != nil {
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
