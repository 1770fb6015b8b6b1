package rights

import (
	"errors"
	"strings"
)

// The errors that cross package borders. Each edge translates them once: store from the driver's, handlers to a status.
var (
	// ErrNotFound says that there is no such thing, or that it is not the asker's: the two are never told apart.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that somebody changed it first: read it again.
	ErrConflict = errors.New("changed by somebody else in the meantime")
	// ErrForbidden says that the asker may not do this, although the thing may be seen.
	ErrForbidden = errors.New("not allowed for this role")
	// ErrStepUp says that the act needs a fresher proof of who is asking.
	ErrStepUp = errors.New("a fresh confirmation is needed")
	// ErrTooMany says that a limit is used up; wait and ask again.
	ErrTooMany = errors.New("too many attempts")
	// ErrGone says that it was there and no longer is: expired, used, stopped.
	ErrGone = errors.New("no longer available")
)

// FieldError is bad input in one form field. Key is a locale key, never a sentence; Args fill its placeholders.
type FieldError struct {
	Field string
	Key   string
	Args  map[string]any
}

func (e FieldError) Error() string { return e.Field + ": " + e.Key }

// FieldErrors are all faults of one form, in the order of its fields.
type FieldErrors []FieldError

func (es FieldErrors) Error() string {
	var b strings.Builder
	for i, e := range es {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(e.Error())
	}
	return b.String()
}

// Fault returns a FieldErrors of one.
func Fault(field, key string, args map[string]any) FieldErrors {
	return FieldErrors{{Field: field, Key: key, Args: args}}
}
