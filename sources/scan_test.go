package sources_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habeas/sources"
)

const shelf = `
dataset:
  - fides_key: %KEY
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
      - name: notes%AFTER
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person, fides_meta: {references: [{dataset: %KEY, field: people.id, direction: from}]}}
          - {name: text}
`

const shelfSchema = `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'a@example.com');`

const notes = `CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER, text TEXT); INSERT INTO notes VALUES (1, 1, 'one'), (2, 1, 'two');`

// endless is a table that never answers.
const endless = `CREATE VIEW notes AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000)
	SELECT max(i) AS id, 1 AS person, 'never' AS text FROM n;`

func shelfOf(t testing.TB, key, table, after string) sources.Config {
	t.Helper()
	if after != "" {
		after = "\n        fides_meta: {after: [" + after + "]}"
	}
	return source(t, key, shelfSchema+table, strings.NewReplacer("%KEY", key, "%AFTER", after).Replace(shelf))
}

// lastCome lists the collections in the order in which their last records come.
func lastCome(t *testing.T, configs ...sources.Config) (came []string) {
	t.Helper()
	set := open(t, configs...)
	p := person(t, set, "a@example.com")
	var mu sync.Mutex
	_, err := set.Scan(t.Context(), p, func(source string) func(*sources.Collection, sources.Record) error {
		return func(c *sources.Collection, _ sources.Record) error {
			mu.Lock()
			defer mu.Unlock()
			if c.Source() != source {
				t.Errorf("who reads %s is given a record of %s", source, c)
			}
			came = append(slices.DeleteFunc(came, func(s string) bool { return s == c.String() }), c.String())
			return nil
		}
	})
	must(t, err)
	return came
}

func TestSourcesAreReadAtTheSameTime(t *testing.T) {
	set := open(t, shelfOf(t, "one", notes, ""), shelfOf(t, "two", notes, ""))
	p := person(t, set, "a@example.com")
	begun := map[string]chan struct{}{"one": make(chan struct{}), "two": make(chan struct{})}
	other := map[string]string{"one": "two", "two": "one"}
	_, err := set.Scan(t.Context(), p, func(source string) func(*sources.Collection, sources.Record) error {
		first := sync.OnceFunc(func() { close(begun[source]) })
		return func(*sources.Collection, sources.Record) error {
			first()
			select { // neither goes on before the other has begun
			case <-begun[other[source]]:
				return nil
			case <-time.After(20 * time.Second):
				return errors.New(source + " is read alone")
			}
		}
	})
	must(t, err)
}

func TestTroubleWithOneSourceIsNobodyElses(t *testing.T) {
	fine := []string{"fine.people ok 1", "fine.notes ok 2"}
	for _, c := range []struct {
		sentence string
		table    string
		options  sources.Options
		before   func(t *testing.T, file string)
		want     []string
	}{
		{"silent for too long", endless, sources.Options{Timeout: 100 * time.Millisecond}, nil, []string{"bad.people ok 1", "bad.notes failed slow"}},
		{"over its time for the whole of it", endless, sources.Options{SourceTime: 300 * time.Millisecond}, nil, []string{"bad.people ok 1", "bad.notes failed slow"}},
		{"locked by somebody else", notes, sources.Options{LockWait: 50 * time.Millisecond}, func(t *testing.T, file string) { lock(t, file) },
			[]string{"bad.people failed busy", "bad.notes failed busy"}},
		{"its file away", notes, sources.Options{}, func(t *testing.T, file string) { remove(t, file) }, []string{"bad.people failed down", "bad.notes failed down"}},
		{"a table that has another column now", notes, sources.Options{}, func(t *testing.T, file string) {
			execute(t, "file:"+file, `ALTER TABLE notes RENAME COLUMN text TO words`)
		}, []string{"bad.people ok 1", "bad.notes failed changed"}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			bad := shelfOf(t, "bad", c.table, "")
			set, err := sources.Open(t.Context(), []sources.Config{bad, shelfOf(t, "fine", notes, "")}, c.options)
			must(t, err)
			defer set.Close()
			p := person(t, set, "a@example.com")
			if c.before != nil {
				c.before(t, strings.TrimPrefix(bad.DSN, "file:"))
			}
			states, err := set.Scan(t.Context(), p, each(func(*sources.Collection, sources.Record) error { return nil }))
			must(t, err)
			var got []string
			for _, st := range states {
				got = append(got, st.Collection.String()+" "+say(st))
			}
			if want := append(slices.Clone(c.want), fine...); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestASourceWaitsForAnotherWhereItsMapSaysSo(t *testing.T) {
	for _, c := range []struct{ sentence, first, second string }{
		{"the first after the second", "two.notes", ""},
		{"the second after the first", "", "one.notes"},
		{"each after a part of the other", "two.people", "one.people"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			came := lastCome(t, shelfOf(t, "one", notes, c.first), shelfOf(t, "two", notes, c.second))
			at := func(name string) int { return slices.Index(came, name) }
			if c.first != "" && at("one.notes") < at(c.first) || c.second != "" && at("two.notes") < at(c.second) || len(came) != 4 {
				t.Errorf("they came as %v", came)
			}
		})
	}
}

func TestOnlyWhatIsWantedIsRead(t *testing.T) {
	set := open(t, shelfOf(t, "one", notes, ""), shelfOf(t, "two", notes, ""))
	p := person(t, set, "a@example.com")
	wanted := set.Collection("two", "notes")
	states, err := set.Scan(t.Context(), p, func(source string) func(*sources.Collection, sources.Record) error {
		if source != "two" {
			t.Errorf("%s is read", source)
		}
		return func(c *sources.Collection, _ sources.Record) error {
			if c != wanted {
				t.Errorf("%s is read", c)
			}
			return nil
		}
	}, wanted)
	must(t, err)
	counted, err := set.Overview(t.Context(), p, wanted)
	must(t, err)
	for _, st := range [][]sources.CollectionState{states, counted} {
		if len(st) != 1 || st[0].Collection != wanted || st[0].Count != 2 {
			t.Errorf("got %+v", st)
		}
	}
}
