package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"habeas/rights"
)

// Holdings are the records of one person in one collection, by their IDs. Plain data: they are noted before anything is
// erased, because what leads to them goes with it.
type Holdings struct {
	Source     string   `json:"source"`
	Collection string   `json:"collection"`
	Key        []string `json:"key,omitempty"` // the fields of the primary key that the IDs are of
	IDs        []string `json:"ids"`
}

// Leads reports whether the IDs of holdings that were noted once lead to the same records today: the map may have lost the collection
// since, or know its records by another key, by which they would be somebody else's.
func (s *Set) Leads(h Holdings) bool {
	c := s.Collection(h.Source, h.Collection)
	return c != nil && (h.Key == nil || slices.Equal(h.Key, c.KeyNames()))
}

// noted is the collection of holdings, if they still lead there.
func (s *Set) noted(h Holdings) (*Collection, error) {
	if !s.Leads(h) {
		return nil, &SourceError{Source: h.Source, Collection: h.Collection, Kind: Changed}
	}
	return s.Collection(h.Source, h.Collection), nil
}

// KeyNames are the fields of the primary key.
func (c *Collection) KeyNames() []string {
	out := make([]string, len(c.Key))
	for i, f := range c.Key {
		out[i] = f.Name
	}
	return out
}

// maxErased bounds the records of one collection that are erased at once.
const maxErased = 200_000

// Holdings lists what there is to erase of a person, in the order in which it is erased: every record of theirs, those that
// stay included, but nothing that others share. It is whole or it is an error: a *SourceError where a source cannot be
// asked, ErrUnsettled where records may be theirs and nothing settles whether they are.
func (s *Set) Holdings(ctx context.Context, p Person) ([]Holdings, error) {
	r := s.resolver(p)
	var out []Holdings
	for _, c := range s.plan.erasing {
		h := Holdings{Source: c.Source(), Collection: c.Name, Key: c.KeyNames()}
		n, err := s.stream(ctx, r, c, query{order: true}, func(rec Record, _ int) error {
			if len(h.IDs) == maxErased {
				return &SourceError{Source: c.Source(), Collection: c.Name, Kind: Large}
			}
			h.IDs = append(h.IDs, rec.ID)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if n.held != "" {
			return nil, fmt.Errorf("%s: %w", c, ErrUnsettled)
		}
		if len(h.IDs) > 0 {
			out = append(out, h)
		}
	}
	return out, nil
}

// ErrUnsettled says that records may be somebody's and nothing settles whether they are: a person has to look.
var ErrUnsettled = errors.New("records may be theirs and nothing settles it")

// order is what a driver does to records of one collection.
type order struct {
	from *Collection
	rows [][]any // primary keys
	goes bool    // the records are deleted; else the columns are set
	sets []set
}

// set replaces the value of one column of one record.
type set struct {
	field *Field
	to    func(key []any, current any) (any, error)
}

// eraser is a system in which records can be erased.
type eraser interface {
	// erase carries out every order, in their order and in one transaction, and confirms each by reading back inside it.
	// What is not there any more is no error: it may have been done before a crash.
	erase(ctx context.Context, orders []order) error
}

// Erase carries out the fate of the holdings that lie in one source, in one transaction and in their order: all of it or
// nothing. What the map leaves to people is left alone. Done twice it does no more than once.
//
// Errors: a *SourceError.
func (s *Set) Erase(ctx context.Context, source string, holdings []Holdings) error {
	return s.carryOut(ctx, source, holdings, nil)
}

// EraseLapsed does the same some time after an erasure, to what was kept then: what the map says is kept for a span that
// ends by today goes now.
func (s *Set) EraseLapsed(ctx context.Context, source string, holdings []Holdings, erased, today rights.Date) error {
	return s.carryOut(ctx, source, holdings, over(erased, today))
}

// over is what has lapsed of an erasure by today: the last day of a span belongs to it.
func over(erased, today rights.Date) lapsed {
	return func(span rights.Period) bool { return erased.Plus(span).Before(today) }
}

func (s *Set) carryOut(ctx context.Context, source string, holdings []Holdings, over lapsed) error {
	src := s.source(source)
	if src == nil {
		return &SourceError{Source: source, Kind: Changed} // the configuration no longer has it
	}
	ctx, cancel := context.WithTimeoutCause(ctx, scanPatience*s.options.Timeout, errSlow)
	defer cancel()
	var orders []order
	for _, h := range holdings {
		if h.Source != source {
			continue
		}
		o, err := s.order(ctx, src, h, over)
		if err != nil {
			return err
		}
		if o != nil {
			orders = append(orders, *o)
		}
	}
	e, able := src.system.(eraser)
	if len(orders) == 0 || !able { // of what cannot erase every fate is by hand
		return nil
	}
	return writeTrouble(ctx, src, nil, e.erase(ctx, orders))
}

// order is what a driver has to do about holdings, nil for nothing.
func (s *Set) order(ctx context.Context, src *source, h Holdings, over lapsed) (*order, error) {
	c, err := s.noted(h)
	if err != nil {
		return nil, err
	}
	fate := s.fate(c, over)
	if fate.ByHand || fate.Record == EraseKeep {
		return nil, nil
	}
	keys, err := s.keys(c, h.IDs)
	if err != nil {
		return nil, err
	}
	o, err := s.means(ctx, src, fate, over)
	if err == nil {
		o.rows = keys.rows
	}
	return o, err
}

// means is what a driver has to do to records that meet a fate.
func (s *Set) means(ctx context.Context, src *source, fate Fate, over lapsed) (*order, error) {
	c := fate.Collection
	o := &order{from: c, goes: fate.Record == EraseDelete}
	if o.goes {
		return o, nil
	}
	columns, err := src.shape(ctx, c)
	if err != nil {
		return nil, trouble(ctx, src, c, err)
	}
	for _, f := range fate.Gone {
		col, ok := find(columns, f.Name)
		if !ok {
			return nil, &SourceError{Source: src.key, Collection: c.Name, Kind: Changed}
		}
		o.sets = append(o.sets, set{f, f.remover(col, over)})
	}
	return o, nil
}

// keys is the condition of the records with these IDs.
func (s *Set) keys(c *Collection, ids []string) (keyed, error) {
	where := keyed{c.Key, make([][]any, len(ids))}
	for i, id := range ids {
		key, ok := s.ids.read(c, id)
		if !ok {
			return where, fmt.Errorf("look for records of %s: an ID that is none", c)
		}
		where.rows[i] = key
	}
	return where, nil
}

// remover returns what a column of a record that stays holds instead.
func (f *Field) remover(col column, over lapsed) func(key []any, current any) (any, error) {
	if _, kept := f.rules(over); kept {
		return func(_ []any, current any) (any, error) { return f.pared(current, over) }
	}
	masks := len(f.Fields) == 0 && f.Meta.Erase == EraseMask
	return func(key []any, current any) (any, error) {
		if current == nil || col.nullable && !masks {
			return nil, nil
		}
		blank := f.blank(col, key)
		stands := written(f, col, current)
		if stands == written(f, col, blank) || blank == noMoment && strings.HasPrefix(stands, noDay) {
			return current, nil // as its database writes it: a truth value may be a number there, a moment have a zone
		}
		return blank, nil
	}
}

// What a column of days says of nobody. At noon it is that day in whichever zone; MySQL has no moment before 1970.
const (
	noDay    = "1970-01-01"
	noMoment = noDay + " 12:00:00"
)

// blanks are the values that say nothing, by how the type of a column that takes no other text begins.
var blanks = []struct{ typ, value string }{
	{"DATETIME", noMoment}, {"TIMESTAMP", noMoment}, {"DATE", noDay}, {"TIME", "00:00:00"},
	{"UUID", "00000000-0000-0000-0000-000000000000"}, {"JSON", "{}"}, {"BYTEA", ""},
	{"SET(", ""}, {"VARBINARY", ""}, {"BLOB", ""}, {"TINYBLOB", ""}, {"MEDIUMBLOB", ""}, {"LONGBLOB", ""},
}

const (
	erasedMark = "erased-"
	erasedHost = "@erased.invalid"
)

var erasedForm = regexp.MustCompile("^" + erasedMark + "[0-9a-f]{12}(" + regexp.QuoteMeta(erasedHost) + ")?$")

// Erased reports whether a cell holds what erasure writes where a column takes no emptiness.
func (c Cell) Erased() bool {
	text, is := c.Value.(string)
	return is && erasedForm.MatchString(text)
}

// blank is a value that says nothing of anybody, of the kind that the column holds. Text is told apart from record to
// record, because a column may want its values unique, and is the same each time, so that doing it twice changes nothing.
func (f *Field) blank(col column, key []any) any {
	switch kindOfValue(f, col) {
	case "integer", "float", "boolean":
		return int64(0)
	case "object":
		return "{}"
	}
	if f.Array || strings.HasSuffix(col.typ, "[]") {
		return "[]"
	}
	for _, b := range blanks {
		if strings.HasPrefix(col.typ, b.typ) {
			return b.value
		}
	}
	sum := sha256.Sum256([]byte(f.String() + "\x00" + id(key)))
	text := erasedMark + hex.EncodeToString(sum[:6])
	if f.Identity == emailIdentity {
		text += erasedHost // RFC 2606: nobody's, for ever
	}
	if longest := f.longest(col); len(text) > longest {
		text = text[len(text)-longest:]
	}
	return text
}

// pared is a structure without what is not kept of it: members that the map does not name go, too, for nobody said that
// they may stay. What is no structure goes whole.
func (f *Field) pared(current any, over lapsed) (any, error) {
	var raw []byte
	switch v := current.(type) {
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return nil, nil
	}
	var parsed any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&parsed); err != nil {
		return nil, nil //nolint:nilerr // text where the map promises a structure is not kept
	}
	b, err := json.Marshal(f.keep(parsed, over))
	if err != nil {
		return nil, fmt.Errorf("write what is kept of %s: %w", f, err)
	}
	return string(b), nil
}

func (f *Field) keep(v any, over lapsed) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = f.keep(e, over)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for _, m := range f.Fields {
			if e, ok := v[m.Name]; ok {
				if _, kept := m.rules(over); kept || m.hidden() {
					out[m.Name] = m.keep(e, over)
				}
			}
		}
		return out
	}
	if len(f.Fields) > 0 {
		return nil
	}
	return v
}

// Remains is what is left of holdings that should be gone.
type Remains struct {
	Collection *Collection
	Count      int
}

// Remains reads back, after an erasure, whether the records that should have gone are gone. Trouble with a source is a
// *SourceError.
func (s *Set) Remains(ctx context.Context, holdings []Holdings) ([]Remains, error) {
	var out []Remains
	for _, h := range holdings {
		c, err := s.noted(h)
		if err != nil {
			return nil, err
		}
		if fate := s.Fate(c); fate.ByHand || fate.Record != EraseDelete {
			continue
		}
		n, err := s.there(ctx, c, h.IDs)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, Remains{c, n})
		}
	}
	return out, nil
}

// lookedAt is how many keys one statement names.
const lookedAt = 500

func (s *Set) there(ctx context.Context, c *Collection, ids []string) (int, error) {
	sum := 0
	for some := range slices.Chunk(ids, lookedAt) {
		where, err := s.keys(c, some)
		if err != nil {
			return 0, err
		}
		err = s.rows(ctx, query{from: c, where: where}, func(values []any) error {
			n, err := strconv.Atoi(text(normal(values[0])))
			sum += n
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return sum, nil
}
