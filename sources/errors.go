package sources

import (
	"context"
	"errors"
	"fmt"
)

// Kind is what is the matter with a source, so that a page can say it and an engineer can look for it.
type Kind string

// The kinds of trouble with a source.
const (
	Down    Kind = "down"    // not there, not a database
	Denied  Kind = "denied"  // there, and does not let the portal in, or read, or write
	Slow    Kind = "slow"    // did not answer in time
	Busy    Kind = "busy"    // locked by somebody else
	Changed Kind = "changed" // no longer has a table or a column that the map names
	Large   Kind = "large"   // a record or a list is beyond the bounds of Options
	Refused Kind = "refused" // its own rules do not allow a value
	Broken  Kind = "broken"  // anything else it says
)

// SourceError is trouble with one source. Its text holds names of the map, never a value of a record; the driver's own
// words are kept out of it because some of them quote values.
type SourceError struct {
	Source     string
	Collection string // "" where it is the whole source
	Kind       Kind

	advice string // in place of the kind's, where the driver knows better
}

func (e *SourceError) Error() string {
	advice := map[Kind]string{
		Down:    "cannot be opened: check its dsn and that it is running",
		Denied:  "does not let the portal in: check its user and password, and grant what the data map needs: reading, and writing where it corrects or erases",
		Slow:    "did not answer in time: check its load and its indexes",
		Busy:    "is locked: check what holds a long write transaction",
		Changed: "no longer fits its data map: run habeas check",
		Large:   "holds more than one answer may carry: check for oversize records",
		Refused: "does not allow that value: its own constraints refuse it",
		Broken:  "failed: run habeas check",
	}[e.Kind]
	if e.advice != "" {
		advice = e.advice
	}
	if e.Collection != "" {
		return fmt.Sprintf("source %s, collection %s: %s", e.Source, e.Collection, advice)
	}
	return fmt.Sprintf("source %s: %s", e.Source, advice)
}

// errSlow is why a call was cancelled by its own clock, not by who asked for it.
var errSlow = errors.New("the source did not answer in time")

// trouble turns what a driver returned to a reader into what callers may see: a SourceError if it is the source's fault, the
// error itself if it is the caller's (a cancelled context, an error of a callback). Nobody who reads has brought a value that
// could be refused: a source that complains of one then (a view that divides by nought) is broken.
func trouble(ctx context.Context, s *source, c *Collection, err error) error {
	err = writeTrouble(ctx, s, c, err)
	var t *SourceError
	if errors.As(err, &t) && t.Kind == Refused {
		return &SourceError{Source: t.Source, Collection: t.Collection, Kind: Broken}
	}
	return err
}

// writeTrouble is trouble where something was to be written, which a source may refuse.
func writeTrouble(ctx context.Context, s *source, c *Collection, err error) error {
	if err == nil {
		return nil
	}
	var known *SourceError
	var caller callerError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &caller):
		return caller.error
	}
	out := &SourceError{Source: s.key, Kind: Broken}
	if c != nil {
		out.Collection = c.Name
	}
	if errors.Is(context.Cause(ctx), errSlow) || errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		out.Kind = Slow
		return out
	}
	if ctx.Err() != nil {
		return fmt.Errorf("source %s: %w", s.key, ctx.Err())
	}
	if errors.Is(err, errLeft) {
		out.Kind = Refused
	} else if k := s.system.kind(err); k != "" {
		out.Kind = k
	}
	if out.Kind == Changed {
		s.forget()
	}
	return out
}

// callerError wraps what a callback returned, so that it is never taken for trouble with the source.
type callerError struct{ error }
