package workflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"habeas/export"
	"habeas/rights"
	"habeas/store"
)

// progress is how far the packages that are being built have come, told to waiting pages without a write a record.
type progress struct {
	mu   sync.Mutex
	done map[string][2]int
}

func (g *progress) set(request string, done, total int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.done == nil {
		g.done = map[string][2]int{}
	}
	g.done[request] = [2]int{done, total}
}

func (g *progress) get(request string) (done, total int, building bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d, ok := g.done[request]
	return d[0], d[1], ok
}

func (g *progress) clear(request string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.done, request)
}

// Export files an access request for a copy of everything and queues its package.
func (p *Portal) Export(ctx context.Context, by rights.Actor, language string) (rights.Request, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return rights.Request{}, err
	}
	if err := p.needStepUp(ctx, by); err != nil {
		return rights.Request{}, err
	}
	r, err := p.newRequest(s, rights.Access, language)
	if err != nil {
		return r, err
	}
	r.State = rights.InProgress
	return r, p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := take(tx, "packages "+s.ID, packagesADay, r.ReceivedAt); err != nil {
			return err
		}
		if err := p.file(tx, by, r, map[string]string{"how": "package"}); err != nil {
			return err
		}
		if err := tx.InsertPackage(store.Package{Request: r.ID, State: "queued", NextAt: r.ReceivedAt}); err != nil {
			return err
		}
		return p.alert(tx, s, r, ActExport)
	})
}

// PackageState returns a person's own export request with its package; Done and Total move while it is being built.
func (p *Portal) PackageState(ctx context.Context, by rights.Actor, ref string) (rights.Request, store.Package, error) {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return r, store.Package{}, err
	}
	pkg, err := p.Store.PackageOf(ctx, r.ID)
	if done, total, building := p.builds.get(r.ID); building {
		pkg.Done, pkg.Total = done, total
	}
	return r, pkg, err
}

// Download opens a person's own package, once their session has proved itself freshly. The reader is theirs to close.
func (p *Portal) Download(ctx context.Context, by rights.Actor, ref string) (io.ReadCloser, store.Package, error) {
	r, pkg, err := p.PackageState(ctx, by, ref)
	if err != nil {
		return nil, pkg, err
	}
	if err := p.needStepUp(ctx, by); err != nil {
		return nil, pkg, err
	}
	if pkg.State != "ready" || !p.Now().Before(pkg.ExpiresAt) {
		return nil, pkg, rights.ErrGone
	}
	file, err := export.Open(p.packageFile(r.ID, pkg.Attempts), pkg.FileKey)
	if err != nil {
		return nil, pkg, fmt.Errorf("open package of %s: %w", r.ID, err)
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertEvent(p.event(by, r.ID, "downloaded", nil)); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "package.downloaded", r.Subject, r.ID, nil))
	})
	if err != nil {
		return nil, pkg, errors.Join(err, file.Close())
	}
	return file, pkg, nil
}

// packageFile is where an attempt at a package of a request writes it. Each has a file of its own: a builder that slept
// through its lease must not write over what another has finished, nor remove it.
func (p *Portal) packageFile(request string, attempt int) string {
	return filepath.Join(p.Packages, fmt.Sprintf("%s.%d.zip.age", request, attempt))
}

// expirePackage makes a package of the request unreachable; removePackage then removes its file.
func (p *Portal) expirePackage(ctx context.Context, tx *store.Tx, request string) error {
	pkg, err := tx.PackageOf(ctx, request)
	if err != nil {
		return ignoreNotFound(err)
	}
	pkg.State, pkg.FileKey = "expired", "" // without its key the file is noise, in backups too
	return tx.UpdatePackage(pkg)
}

// removePackage removes whatever attempts at the package of a request left.
func (p *Portal) removePackage(request string) error { return p.removeAttempts(request, maxBuilds) }

func (p *Portal) removeAttempts(request string, last int) error {
	var errs []error
	for attempt := 1; attempt <= last; attempt++ {
		path := p.packageFile(request, attempt)
		errs = append(errs, remove(path), remove(path+".part"))
	}
	return errors.Join(errs...)
}

// remove removes a file that need not be there.
func remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// dropPackage ends a package that nobody waits for or whose day is over.
func (p *Portal) dropPackage(ctx context.Context, request string) error {
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.expirePackage(ctx, tx, request); err != nil {
			return err
		}
		return tx.Append(p.entry(rights.System, "package.expired", "", request, nil))
	})
	if err != nil {
		return err
	}
	return p.removePackage(request)
}

// ExpireNext removes one package whose day is over. It returns false when there is none.
func (p *Portal) ExpireNext(ctx context.Context) (had bool, err error) {
	over, err := p.Store.ExpiredPackages(ctx, p.Now(), 1)
	if err != nil || len(over) == 0 {
		return false, err
	}
	return true, p.dropPackage(ctx, over[0].Request)
}

// Sweep removes what has served: codes, limits, ended sessions. It never touches requests, consents or the audit log.
func (p *Portal) Sweep(ctx context.Context) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Sweep(p.Now())
		return err
	})
}

// LatestPackage returns the reference of a package that the person already has or that is being made.
func (p *Portal) LatestPackage(ctx context.Context, by rights.Actor) (string, error) {
	recent, _, err := p.Requests(ctx, by, "", 50)
	if err != nil {
		return "", err
	}
	for _, r := range recent {
		if r.Right != rights.Access || r.Routine || p.Now().Sub(r.ReceivedAt) > packageLife+time.Hour {
			continue
		}
		pkg, err := p.Store.PackageOf(ctx, r.ID)
		if errors.Is(err, rights.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", err
		}
		if pkg.State != "expired" && pkg.State != "failed" {
			return r.Ref, nil
		}
	}
	return "", rights.ErrNotFound
}
