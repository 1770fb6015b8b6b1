package sources

import (
	"slices"
	"strings"

	"habeas/rights"
)

// Dataset is one fideslang dataset: the map of a database, or of a part of one.
type Dataset struct {
	Key         string // its fides_key, unique over all sources
	Name        string
	Description string
	Source      string // key of the source that holds it
	Manual      bool   // a system without a connection: nobody can ask it, and a team looks
	Label       Text
	Team        Text   // who answers for the system, and does by hand what is to be done in it
	Copies      []Copy // where its records lie besides
	Collections []*Collection
	Categories  []string
	After       []string // keys of datasets that come first
	Meta        Meta

	place place
}

// Collection is one table, sheet or set of documents.
type Collection struct {
	Dataset     *Dataset
	Name        string
	Description string
	Label       Text
	Categories  []string // every category of it and of its fields, sorted
	Fields      []*Field // in the order of the map; the columns that may be read, and no others are
	Key         []*Field // its primary key, in the order of the map
	Person      bool     // one row a person: rows are told apart and never merged
	After       []string // "dataset.collection" that come first when reading
	EraseAfter  []string // "dataset.collection" that come first when erasing
	Skip        bool     // skip_processing: left alone entirely
	Retain      *Retain  // how long its records may be kept; nil where the map is silent
	Flags       []Flag   // where it notes what must not be done with a person's data
	Meta        Meta

	saidPerson bool // the map says whether it is a collection of people; else it is a guess
	place      place
}

// Source returns the key of the source that holds the collection.
func (c *Collection) Source() string { return c.Dataset.Source }

// String returns "dataset.collection", as references name it.
func (c *Collection) String() string { return c.Dataset.Key + "." + c.Name }

// Field returns the field of that path ("email", "profile.email"), or nil.
func (c *Collection) Field(path string) *Field { return fieldAt(c.Fields, path) }

func fieldAt(fields []*Field, path string) *Field {
	name, rest, nested := strings.Cut(path, ".")
	for _, f := range fields {
		switch {
		case f.Name == path:
			return f
		case nested && f.Name == name:
			return fieldAt(f.Fields, rest)
		}
	}
	return nil
}

// key reports whether f alone is the primary key of its collection: no two rows share its value.
func (c *Collection) key(f *Field) bool { return len(c.Key) == 1 && c.Key[0] == f }

// Field is one column, or one member of a JSON column.
type Field struct {
	Collection  *Collection
	Parent      *Field // the object it is a member of; nil for a column
	Name        string
	Description string
	Label       Text
	Categories  []string // its own, else those of its collection, else of its dataset
	Identity    string   // "email", "phone_number", "customer_number", …: the kind of identity it holds, or ""
	PrimaryKey  bool
	References  []Reference
	Type        string // "string", "integer", "float", "boolean", "object", "object_id", or "" where the map is silent
	Array       bool   // a list of Type
	Length      int    // characters at most; 0 for no bound
	AllElements bool   // return_all_elements: a match of one element returns the whole list
	ReadOnly    bool
	Confirms    bool // may serve as the second datum that tells two people behind one mailbox apart
	Masking     string
	Fields      []*Field // members of an object, or of the objects of a list
	Meta        Meta

	linked       *Field // the field at the other end of an edge, one of them; nil where nothing leads from or to f
	issued       bool   // see Issued
	saidEditable bool   // the map says of f itself who may correct it; else that is inherited
	place        place
}

// Path returns the name of the field within its collection: "email", "profile.email".
func (f *Field) Path() string {
	if f.Parent == nil {
		return f.Name
	}
	return f.Parent.Path() + "." + f.Name
}

// String returns "dataset.collection.field", as references name it.
func (f *Field) String() string { return f.Collection.String() + "." + f.Path() }

// column returns the column that holds f: itself unless it is nested.
func (f *Field) column() *Field {
	for f.Parent != nil {
		f = f.Parent
	}
	return f
}

// hidden reports whether f, or an object it is in, is about somebody else.
func (f *Field) hidden() bool {
	for ; f != nil; f = f.Parent {
		if f.Meta.ThirdParty {
			return true
		}
	}
	return false
}

// walk calls each for every field and every nested one.
func walk(fields []*Field, each func(*Field)) {
	for _, f := range fields {
		each(f)
		walk(f.Fields, each)
	}
}

// Reference says that a field holds the same values as another one.
type Reference struct {
	Dataset   string
	Field     string // "collection.field"
	Direction string // "from": the other leads here; "to": this leads there; "": both

	place place
}

// Meta is what habeas_meta says, after inheritance and the defaults of the categories. What is silent is zero.
type Meta struct {
	Purpose        Text
	Basis          string // one of Bases
	Retention      Text
	Recipients     []Recipient
	Security       Text // how it is protected (GDPR Art. 30(1)(g))
	Origin         Origin
	Classification Classification
	Mask           string // how the value is masked, "" for not at all
	Editable       Editable
	Erase          Erase
	SaysErase      bool          // the map says so, here or above; else Erase is what would be right, and no machine does it
	Ground         Text          // why it is kept, where Erase is Keep
	Until          Text          // until when it is kept, in words
	Keep           rights.Period // the same as a span from the erasure; zero where the map does not say it
	Portable       bool          // part of a portability package (GDPR Art. 20)
	ThirdParty     bool          // about somebody else: never leaves the source
}

// Editable is who may correct a field.
type Editable string

// The values of Editable: nobody, an officer after the person asks, or the person at once.
const (
	EditableNo   Editable = "no"
	EditableAsk  Editable = "ask"
	EditableSelf Editable = "self"
)

// Erase is what erasure does to a field or a record.
type Erase string

// The values of Erase.
const (
	EraseDelete Erase = "delete" // the record goes
	EraseNull   Erase = "null"   // the value is emptied
	EraseMask   Erase = "mask"   // the value is made unreadable
	EraseKeep   Erase = "keep"   // kept on a ground, until a time
)

// Bases are the lawful bases a map may name: GDPR Art. 6(1)(a)–(f), then those that only PIPL Art. 13(1) knows.
var Bases = []string{
	"consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests",
	"human_resources", "public_health", "news_reporting", "already_public",
}

// Masks are the ways a map may mask a value: kinds of rights.Mask, and "all", which leaves nothing.
var Masks = []string{"all", "phone", "email", "name", "address", "ip", "prc_id", "bank_card", "date_of_birth"}

// allCategories returns the categories of c and of everything in it, sorted, each once.
func (c *Collection) allCategories(own []string) []string {
	out := slices.Clone(own)
	walk(c.Fields, func(f *Field) {
		if !f.hidden() {
			out = append(out, f.Categories...)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}
