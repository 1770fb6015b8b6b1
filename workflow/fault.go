package workflow

import (
	"errors"

	"habeas/sources"
	"habeas/store"
)

// DiskFull is the kind of the fault that is the portal's own.
const DiskFull = "full"

// Fault is what keeps something from being read or written now, and is nobody's mistake.
type Fault struct {
	Kind   string // a sources.Kind, or DiskFull
	Source string // "" where it is the portal's own
}

// FaultOf returns the fault that an error is, and false for any other error.
func FaultOf(err error) (Fault, bool) {
	var trouble *sources.SourceError
	switch {
	case errors.As(err, &trouble):
		return Fault{Kind: string(trouble.Kind), Source: trouble.Source}, true
	case errors.Is(err, store.ErrFull):
		return Fault{Kind: DiskFull}, true
	}
	return Fault{}, false
}
