package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrNoSchema says that a source has no schema of its own to draft a map from.
var ErrNoSchema = errors.New("it has no tables of its own: write its data map by hand (docs/datamap.md)")

// Draft reads the schema of a source, which needs no map for it, and writes a data map to begin with: every table with a
// primary key, foreign keys as references, and what the names of columns suggest, each guess marked as one. It reads no
// record. The error is a *SourceError, or ErrNoSchema.
func Draft(ctx context.Context, c Config, o Options) ([]byte, error) {
	if drivers[c.Driver] == nil {
		return nil, fmt.Errorf("source %q: there is no driver %q; write one of %s", c.Key, c.Driver, strings.Join(Drivers(), ", "))
	}
	o = o.withDefaults()
	sys, err := drivers[c.Driver](c, false, o)
	if err != nil {
		return nil, fmt.Errorf("source %q: %w", c.Key, err)
	}
	defer sys.close()
	s, ok := sys.(surveyor)
	if !ok {
		return nil, fmt.Errorf("source %q: %w", c.Key, ErrNoSchema)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, scanPatience*o.Timeout, errSlow)
	defer cancel()
	tables, err := s.survey(ctx)
	if err != nil {
		return nil, trouble(ctx, &source{key: c.Key, system: sys}, nil, err)
	}
	d := draft{dataset: c.Key, tables: tables}
	return d.write()
}

// draft writes a map of tables.
type draft struct {
	dataset string
	tables  []table
	b       bytes.Buffer
}

func (d *draft) write() ([]byte, error) {
	var without []string
	var mapped []table
	for _, t := range d.tables {
		if !keyedBy(t) {
			without = append(without, quoted(t.name))
			continue
		}
		mapped = append(mapped, t)
	}
	if len(mapped) == 0 {
		return nil, fmt.Errorf("source %q: %w", d.dataset, ErrNoSchema)
	}
	d.tables = mapped
	d.line("# A draft, written by habeas map draft from names alone. Go through it before anybody uses it: remove what holds nothing")
	d.line("# about people, correct every line marked as a guess, and say the purpose, basis, retention and recipients of each")
	d.line("# collection under habeas_meta (docs/datamap.md). Then run habeas check.")
	if len(without) > 0 {
		d.line("# Left out, because they have no primary key to go by: %s.", strings.Join(without, ", "))
	}
	d.line("dataset:")
	d.line("  - fides_key: %s", scalar(d.dataset))
	d.line("    collections:")
	for _, t := range d.tables {
		d.table(t)
	}
	return d.b.Bytes(), nil
}

// keyedBy reports whether a table has a primary key all of which can be read.
func keyedBy(t table) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return c.key }) &&
		!slices.ContainsFunc(t.columns, func(c column) bool { return c.key && c.foreign })
}

func (d *draft) line(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *draft) table(t table) {
	identity := d.identity(t)
	d.line("      - name: %s", scalar(t.name))
	switch {
	case d.person(t):
		d.line("        habeas_meta: {person: true} # a guess: one row a person")
	case identity != "":
		d.line("        habeas_meta: {person: false} # a guess: records that hold an address, not a list of people")
	}
	d.line("        fields:")
	for _, c := range t.columns {
		if c.foreign {
			d.line("          # %s is left out: a value of type %s cannot be written so that a person reads it", quoted(c.name), c.typ)
			continue
		}
		d.column(t, c, c.name == identity)
	}
}

func (d *draft) column(t table, c column, identity bool) {
	d.line("          - name: %s", scalar(c.name))
	var said []string
	if c.key {
		said = append(said, "primary_key: true")
	}
	category := guess(c.name, d.person(t))
	if identity {
		kind := emailIdentity
		if category == "user.contact.phone_number" {
			kind = phoneIdentity
		}
		said = append(said, "identity: "+kind)
	}
	if c.typ == "JSON" || c.typ == "JSONB" {
		said = append(said, "data_type: object")
	}
	refs, note := d.references(t, c)
	if len(refs) > 0 {
		said = append(said, "references: ["+strings.Join(refs, ", ")+"]")
	}
	if category != "" && len(refs) == 0 {
		d.line("            data_categories: [%s] # a guess, from its name", category)
	}
	if len(said) > 0 {
		comment := ""
		if identity {
			comment = " # the identity is a guess"
		}
		d.line("            fides_meta: {%s}%s", strings.Join(said, ", "), comment)
	}
	if d.somebodyElse(t, c) {
		d.line("            habeas_meta: {third_party: true} # a guess: it names somebody else than whose record it is")
	}
	for _, n := range note {
		d.line("            # %s", n)
	}
}

// references returns what a column refers to, and what a map cannot say of it.
func (d *draft) references(t table, c column) (refs, notes []string) {
	for _, r := range t.refs {
		i := slices.Index(r.columns, c.name)
		if i < 0 {
			continue
		}
		other := d.find(r.table)
		to := quoted(r.table + "." + r.others[i])
		switch {
		case other == nil || !slices.ContainsFunc(other.columns, func(o column) bool { return o.name == r.others[i] && !o.foreign }):
			notes = append(notes, "it refers to "+to+", which is left out")
		case strings.Contains(r.table, "."):
			notes = append(notes, "it refers to "+to+", whose name a reference cannot write: map a view of another name")
		case len(r.columns) > 1:
			notes = append(notes, "with others it refers to "+to+": a reference goes by one column")
		case r.table == t.name && r.others[i] == c.name:
		default:
			ref := "{dataset: " + scalar(d.dataset) + ", field: " + scalar(r.table+"."+r.others[i])
			if d.person(*other) && !d.person(t) {
				ref += ", direction: from"
			}
			if ref += "}"; !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	return refs, notes
}

// somebodyElse reports whether a column refers to a person who is hardly whose record it is.
func (d *draft) somebodyElse(t table, c column) bool {
	if c.key {
		return false
	}
	return slices.ContainsFunc(t.refs, func(r foreignKey) bool {
		other := d.find(r.table)
		return slices.Contains(r.columns, c.name) && other != nil && d.person(*other) && (r.table == t.name || namesAnother(c.name))
	})
}

func (d *draft) find(name string) *table {
	i := slices.IndexFunc(d.tables, func(t table) bool { return t.name == name })
	if i < 0 {
		return nil
	}
	return &d.tables[i]
}

// identity returns the column of a table that identifies who it is about: its first of addresses, or in a list of people
// without any its first of telephone numbers.
func (d *draft) identity(t table) string {
	for _, category := range []string{"user.contact.email", "user.contact.phone_number"} {
		for _, c := range t.columns {
			textual := !c.numeric && !strings.HasPrefix(c.typ, "BOOL") && !strings.HasPrefix(c.typ, "DATE") && !strings.HasPrefix(c.typ, "TIMESTAMP")
			if textual && !c.foreign && guess(c.name, false) == category && !slices.ContainsFunc(t.refs, func(r foreignKey) bool { return slices.Contains(r.columns, c.name) }) {
				return c.name
			}
		}
		if !listsPeople(t.name) {
			break
		}
	}
	return ""
}

// person reports whether a table seems to have a row a person: it identifies them, and is called so or referred to.
func (d *draft) person(t table) bool {
	return d.identity(t) != "" && (listsPeople(t.name) || slices.ContainsFunc(d.tables, func(o table) bool {
		return o.name != t.name && slices.ContainsFunc(o.refs, func(r foreignKey) bool { return r.table == t.name && len(o.columns) > 0 && !d.personal(t) })
	}))
}

// personal reports whether a table names a list of people itself: an order with an address is not one.
func (d *draft) personal(t table) bool {
	return slices.ContainsFunc(t.refs, func(r foreignKey) bool { return listsPeople(r.table) && r.table != t.name })
}

// plainScalar is what YAML reads as the text it is, in a list and in a mapping too.
var plainScalar = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)?$`)

// scalar writes a text as YAML.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(s)) {
		return s
	}
	return quoted(s)
}

// quoted writes a text on one line, whatever it holds: a string of JSON is one of YAML.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(fmt.Sprintf("sources: a text that JSON cannot hold: %v", err)) // any can
	}
	return strings.TrimSuffix(strings.ReplaceAll(b.String(), "\x7f", `\u007f`), "\n")
}
