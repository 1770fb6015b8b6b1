package sources

import "context"

// textFold makes values comparable by how they are written: 7 is "7" and neither is "007". It is for two fields of
// which only one holds numbers; between others the source's own comparison says the same and can use an index.
const textFold = "text"

// system is one place that holds data, as a driver reaches it. It knows records, not people: what is whose has been
// decided before it is asked. A driver for another kind of system implements this and nothing else.
//
// Errors are the driver's own; fault translates them to a Kind.
type system interface {
	// columns lists the columns that the collection has now, none if it does not exist.
	columns(ctx context.Context, c *Collection) ([]column, error)
	// rows calls each for every record that the query finds, with one value for each of q.fields. The slice is reused.
	rows(ctx context.Context, q query, each func(values []any) error) error
	// change replaces one value of the one record that where finds, in a transaction: next gets what stands there and
	// returns what shall, or an error that leaves everything as it was. It returns what stands there afterwards, read back
	// before and after the transaction ended.
	change(ctx context.Context, f *Field, where cond, next func(current any) (any, error)) (any, error)
	// kind says what kind of failure a driver's error is, "" if it is none of the source's.
	kind(err error) Kind
	close() error
}

// column is what a source says about one of its columns.
type column struct {
	name     string
	typ      string // as declared, upper case
	length   int    // of text, in characters, where the source keeps to it; 0 for any
	numeric  bool   // the source makes numbers of what looks like one, so that "007" is 7
	family   string // of types that the source compares with each other and with no other: "number", "uuid", "" for text
	exact    bool   // the name is spelled so and not otherwise
	foreign  bool   // of a type that cannot be written so that a person reads it
	fixed    bool   // of a type that takes no value that says nothing, so that it cannot be overwritten
	nullable bool
	key      bool
}

// query asks for records of one collection. It is logical: each driver says it in its own language.
type query struct {
	from   *Collection
	fields []*Field // columns to return; nil to count instead: then one value is returned, an int64
	where  cond
	after  []any // only records whose primary key is greater, part by part; nil from the beginning
	order  bool  // in the order of the primary key
	limit  int   // at most so many; 0 for all
	// values, if not nil, returns instead the distinct values of that field, nested or not, as linked by the fold.
	values *Field
	fold   string
	sole   cond // with values: leave out those that records outside of this condition also hold
	others bool // with sole: return what it leaves out instead
}

// cond is a condition on the records of one collection. The implementations below are all there are.
type cond interface{ cond() }

type (
	// never holds for no record.
	never struct{}
	// anyOf holds where one of them does, none of them for no record.
	anyOf []cond
	// allOf holds where all of them do.
	allOf []cond
	// among holds where the field, folded, is one of the values, which are folded already and not empty.
	among struct {
		field  *Field
		fold   string
		values []any
	}
	// within holds where the field, folded, is one of the values that a query of the same system returns.
	within struct {
		field *Field
		fold  string
		of    query
	}
	// absent holds where the field, folded, is empty.
	absent struct {
		field *Field
		fold  string
	}
	// keyed holds for the records with these primary keys, each with a value for each part.
	keyed struct {
		key  []*Field
		rows [][]any
	}
)

func (never) cond()  {}
func (anyOf) cond()  {}
func (allOf) cond()  {}
func (among) cond()  {}
func (within) cond() {}
func (absent) cond() {}
func (keyed) cond()  {}

// empty reports whether a value refers to nothing: programs write "" where they mean nothing as often as they write
// NULL. It is what the word empty means of fields too.
func empty(v any) bool { return v == nil || v == "" }

// either joins conditions of which one must hold, dropping those that cannot.
func either(conds []cond) cond {
	var out anyOf
	for _, c := range conds {
		if _, no := c.(never); !no {
			out = append(out, c)
		}
	}
	switch len(out) {
	case 0:
		return never{}
	case 1:
		return out[0]
	}
	return out
}

// both joins conditions that must hold together.
func both(conds ...cond) cond {
	var out allOf
	for _, c := range conds {
		switch c := c.(type) {
		case nil:
		case never:
			return never{}
		default:
			out = append(out, c)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}
