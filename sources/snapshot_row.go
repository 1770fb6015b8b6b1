package sources

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// row takes in one row.
func (l *loader) row(number int, cells []string) error {
	r, fault := l.record(number, cells)
	hash, id, sealed, again := []byte(nil), int64(0), []byte(nil), false
	if key := r.key(l.c); !keyless(key) {
		hash = l.vault.key(l.c, key)
		if err := l.find.QueryRowContext(l.quiet, hash).Scan(&id, &sealed, &again); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	if fault != nil {
		if hash == nil {
			l.lost++
		}
		if id > 0 && sealed != nil { // it is not gone: what stands in its row cannot be read
			if err := l.see(id); err != nil {
				return err
			}
		}
		return fault
	}
	if again || l.seen[id] {
		return &RowFault{number, l.keyName(), "an earlier row has the same key", "each record has a key of its own"}
	}
	if out, err := l.leftOut(hash, r); err != nil || out {
		return err
	}
	packed, err := r.pack()
	if err != nil {
		return err
	}
	box := func() []byte { return l.vault.seal(packed, "record", l.c.Name, string(hash)) }
	before := map[string]bool{}
	switch {
	case id == 0:
		result, err := l.insert.ExecContext(l.quiet, l.c.Name, hash, box(), l.at)
		if err == nil {
			id, err = result.LastInsertId()
		}
		if err != nil {
			return err
		}
		l.n.New++
	case sealed == nil:
		if _, err := l.update.ExecContext(l.quiet, box(), id); err != nil {
			return err
		}
		l.n.Back++
	}
	if err := l.see(id); err != nil {
		return err
	}
	if sealed != nil {
		plain, err := l.vault.open(sealed, "record", l.c.Name, string(hash))
		if err != nil {
			return err
		}
		if bytes.Equal(plain, packed) {
			l.n.Same++
			return nil
		}
		old, err := unpack(plain)
		if err != nil {
			return err
		}
		if err := l.changed(id, hash, old, r); err != nil {
			return err
		}
		if _, err := l.update.ExecContext(l.quiet, box(), id); err != nil {
			return err
		}
		before = l.hashes(l.c, old)
	}
	return l.mark(id, l.hashes(l.c, r), before)
}

// leftOut reports whether a row is not to be brought back. What a rule destroyed is, once it is not past the rule any more:
// somebody who was forgotten by their silence has come again.
func (l *loader) leftOut(hash []byte, r record) (bool, error) {
	if l.tombs == 0 {
		return false, nil
	}
	var forgotten, destroyed bool
	if err := l.buried.QueryRowContext(l.quiet, hash, hash).Scan(&forgotten, &destroyed); err != nil || !forgotten && !destroyed {
		return false, err
	}
	if !forgotten && !l.past(r) {
		_, err := l.tx.ExecContext(l.quiet, "DELETE FROM destroyed WHERE key = ?", hash)
		return false, err
	}
	l.n.Forgotten++
	return true, nil
}

// past reports whether a row would be destroyed again: what the map has no rule for any more, or says no day, would not.
func (l *loader) past(r record) bool {
	if l.c.Retain == nil {
		return false
	}
	day, known, _ := dayOf(r[l.c.Retain.From.Name])
	return known && l.c.Retain.Past(day, l.today)
}

// changed keeps what the values of a record were. A column that the map did not have before has changed nothing.
func (l *loader) changed(id int64, hash []byte, old, now record) error {
	some := false
	for _, f := range l.c.Fields {
		was, had := old[f.Name]
		if !had || same(was, now[f.Name]) {
			continue
		}
		packed, err := record{f.Name: was}.pack()
		if err != nil {
			return err
		}
		box := l.vault.seal(packed, "history", l.c.Name, string(hash), f.Name)
		if _, err := l.noteChange.ExecContext(l.quiet, id, l.at, f.Name, box); err != nil {
			return err
		}
		some = true
		l.n.Values++
	}
	if some {
		l.n.Changed++
	} else {
		l.n.Same++
	}
	return nil
}

func (l *loader) keyName() string {
	if len(l.c.Key) == 1 {
		return l.c.Key[0].Name
	}
	return ""
}

// record reads the cells of a row as the map says what they are. It returns what could be read even with a fault, for what
// the row is about may be plain.
func (l *loader) record(number int, cells []string) (record, error) {
	r := record{}
	var fault error
	for i, f := range l.im.Columns {
		if f == nil || i >= len(cells) {
			continue
		}
		v, what, why := cellOf(f, cells[i])
		if what != "" && fault == nil {
			fault = &RowFault{number, f.Name, what, why}
		}
		r[f.Name] = v
	}
	if keyless(r.key(l.c)) && fault == nil {
		fault = &RowFault{number, l.keyName(), "the key is empty", "every record has a key: take rows of totals out of the file"}
	}
	return r, fault
}

// keyless reports whether a key has no part that tells records apart.
func keyless(key []any) bool {
	return !slices.ContainsFunc(key, func(v any) bool { return !empty(v) })
}

// cellOf reads one cell as the kind of value that the map promises.
func cellOf(f *Field, cell string) (value any, what, why string) {
	trimmed := strings.TrimSpace(cell)
	if trimmed == "" {
		return nil, "", ""
	}
	if !utf8.ValidString(cell) {
		return nil, "a character cannot be read", "the file is damaged, or its encoding another one"
	}
	if f.Array || f.Type == "object" {
		if !json.Valid([]byte(trimmed)) {
			return nil, "it is no JSON", "the data map says that the field is a structure or a list"
		}
		return trimmed, "", ""
	}
	switch f.Type {
	case "integer":
		if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
			return n, "", ""
		}
		return nil, "it is no whole number", "the data map says data_type: integer"
	case "float":
		if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
			return n, "", "" // 7 is written 7, not 7.0
		}
		if n, err := strconv.ParseFloat(trimmed, 64); err == nil && n-n == 0 { // the difference is not zero for infinities
			return n, "", ""
		}
		return nil, "it is no number", "the data map says data_type: float; write a point and no separators"
	case "boolean":
		if b, ok := truths[strings.ToLower(trimmed)]; ok {
			return b, "", ""
		}
		return nil, "it is neither yes nor no", "the data map says data_type: boolean; write true or false"
	}
	if f.PrimaryKey || f.linked != nil {
		return trimmed, "", "" // blanks around a key are the export's
	}
	return cell, "", ""
}

// truths are the ways in which exports write yes and no.
var truths = map[string]int64{
	"true": 1, "yes": 1, "y": 1, "1": 1, "是": 1, "真": 1, "√": 1,
	"false": 0, "no": 0, "n": 0, "0": 0, "否": 0, "假": 0, "×": 0,
}
