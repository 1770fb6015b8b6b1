package workflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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

// Export files a request for a copy and queues its package: of everything under the right of access, or of what a person
// can take elsewhere under portability, where their law knows that.
func (p *Portal) Export(ctx context.Context, by rights.Actor, right rights.Right, language string) (rights.Request, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return rights.Request{}, err
	}
	if right != rights.Access && !p.portable(s, right) {
		return rights.Request{}, rights.ErrNotFound
	}
	if err := p.needStepUp(ctx, by); err != nil {
		return rights.Request{}, err
	}
	r, err := p.newRequest(s, right, language)
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

// portable reports whether the right is portability, and the law of a person gives it.
func (p *Portal) portable(s store.Subject, right rights.Right) bool {
	g, ok := rights.RegimeByID(s.Regime)
	_, granted := g.Grant(rights.Portability)
	return ok && granted && right == rights.Portability
}

// MayTakeElsewhere reports whether a person can ask for a copy to take elsewhere.
func (p *Portal) MayTakeElsewhere(ctx context.Context, by rights.Actor) (bool, error) {
	s, err := p.subject(ctx, by)
	return err == nil && p.portable(s, rights.Portability), err
}

// PackageState returns a person's own export request with its first package; Done and Total move while it is being built.
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

// Download opens a person's own package, 0 for the first or the number of a supplement, once their session has proved
// itself freshly. The reader is theirs to close.
func (p *Portal) Download(ctx context.Context, by rights.Actor, ref string, number int) (io.ReadCloser, store.Package, error) {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return nil, store.Package{}, err
	}
	pkg, err := p.Store.Package(ctx, r.ID, number)
	if err != nil {
		return nil, pkg, err
	}
	if err := p.needStepUp(ctx, by); err != nil {
		return nil, pkg, err
	}
	if pkg.State != "ready" || !p.Now().Before(pkg.ExpiresAt) {
		return nil, pkg, rights.ErrGone
	}
	file, err := export.Open(p.packageFile(pkg, pkg.Attempts), pkg.FileKey)
	if err != nil {
		return nil, pkg, fmt.Errorf("open package of %s: %w", r.ID, err)
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		var facts map[string]string
		if number > 0 {
			facts = map[string]string{"supplement": strconv.Itoa(number)}
		}
		if err := tx.InsertEvent(p.event(by, r.ID, "downloaded", facts)); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "package.downloaded", r.Subject, r.ID, facts))
	})
	if err != nil {
		return nil, pkg, errors.Join(err, file.Close())
	}
	return file, pkg, nil
}

// packageFile is where an attempt at a package writes it. Each has a file of its own: a builder that slept through its lease
// must not write over what another has finished, nor remove it.
func (p *Portal) packageFile(pkg store.Package, attempt int) string {
	name := fmt.Sprintf("%s.%d.zip.age", pkg.Request, attempt)
	if pkg.Number > 0 {
		name = fmt.Sprintf("%s.s%d.%d.zip.age", pkg.Request, pkg.Number, attempt)
	}
	return filepath.Join(p.Packages, name)
}

// expirePackage makes every package of the request unreachable; removePackage then removes the files.
func (p *Portal) expirePackage(ctx context.Context, tx *store.Tx, request string) error {
	all, err := tx.PackagesOf(ctx, request)
	if err != nil {
		return err
	}
	for _, pkg := range all {
		if err := expire(tx, pkg); err != nil {
			return err
		}
	}
	return nil
}

func expire(tx *store.Tx, pkg store.Package) error {
	pkg.State, pkg.FileKey = "expired", "" // without its key the file is noise, in backups too
	return tx.UpdatePackage(pkg)
}

// removePackage removes whatever attempts at the packages of a request left.
func (p *Portal) removePackage(request string) error {
	files, err := os.ReadDir(p.Packages)
	errs := []error{err}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), request+".") {
			errs = append(errs, remove(filepath.Join(p.Packages, f.Name())))
		}
	}
	return errors.Join(errs...)
}

func (p *Portal) removeAttempts(pkg store.Package, last int) error {
	var errs []error
	for attempt := 1; attempt <= last; attempt++ {
		path := p.packageFile(pkg, attempt)
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
func (p *Portal) dropPackage(ctx context.Context, pkg store.Package) error {
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		now, err := tx.Package(ctx, pkg.Request, pkg.Number)
		if err != nil {
			return err
		}
		if err := expire(tx, now); err != nil {
			return err
		}
		return tx.Append(p.entry(rights.System, "package.expired", "", pkg.Request, nil))
	})
	if err != nil {
		return err
	}
	return p.removeAttempts(pkg, pkg.Attempts)
}

// ExpireNext removes one package whose day is over. It returns false when there is none.
func (p *Portal) ExpireNext(ctx context.Context) (had bool, err error) {
	over, err := p.Store.ExpiredPackages(ctx, p.Now(), 1)
	if err != nil || len(over) == 0 {
		return false, err
	}
	return true, p.dropPackage(ctx, over[0])
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
		if r.Right != rights.Access && r.Right != rights.Portability || r.Routine || p.Now().Sub(r.ReceivedAt) > packageLife+time.Hour {
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
