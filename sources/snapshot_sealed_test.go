package sources_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"habeas/sources"
)

func TestNothingOfASnapshotCanBeReadWithoutItsKey(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	changed := slices.Clone(anna)
	changed[5] = "likes «elm»"
	for day, rows := range [][][]string{{anna, ben}, {changed, ben}} {
		if _, _, err := bring(t, set, day, nil, rows...); err != nil {
			t.Fatal(err)
		}
	}
	must(t, set.Close())
	files, err := filepath.Glob(config.DSN + "*")
	must(t, err)
	for _, file := range files {
		b, err := os.ReadFile(file)
		must(t, err)
		for _, secret := range []string{"nna@", "NNA@", "Anna", "oak", "elm", "C-1", "ben"} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(file), info.Mode(), err)
		}
	}
	for says, o := range map[string]sources.Options{
		"without a key":    {},
		"with another key": {Vault: func(string) []byte { return bytes.Repeat([]byte{9}, 32) }},
	} {
		other, err := sources.Open(t.Context(), []sources.Config{config}, o)
		must(t, err)
		m, err := other.Find(t.Context(), sources.Identity{Email: "anna@example.com"})
		if err != nil || m.Person.Seeds() != 0 || len(m.Troubles) != 1 || !strings.Contains(m.Troubles[0].Error(), "key file") {
			t.Errorf("%s: %v, %v", says, m.Troubles, err)
		}
		if _, _, err := bring(t, other, 1, nil, ben); err == nil || !strings.Contains(err.Error(), "key file") {
			t.Errorf("%s something is imported: %v", says, err)
		}
		must(t, other.Close())
	}
}

func TestWhatIsSwappedInASnapshotDoesNotOpen(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna, ben); err != nil {
		t.Fatal(err)
	}
	run(t, "sqlite", config.DSN, "UPDATE records SET sealed = (SELECT sealed FROM records WHERE id = 2) WHERE id = 1")
	if got := state(t, set, person(t, set, "ben@example.com"), "contacts"); got != "ok 1" {
		t.Errorf("the record in its place is %s", got)
	}
	m, err := set.Find(t.Context(), sources.Identity{Email: "anna@example.com"})
	if err != nil || m.Person.Seeds() != 0 || len(m.Troubles) != 1 || m.Troubles[0].Kind != sources.Broken {
		t.Errorf("another's record in her place: %+v, %v", m, err)
	}
}

func TestWhatIsGoneOrForgottenLeavesNothingOfIt(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	changed := slices.Clone(anna)
	changed[2] = "Anna Meyer"
	for day, rows := range [][][]string{{anna, annaB, ben}, {changed, annaB, ben}} {
		if _, _, err := bring(t, set, day, nil, rows...); err != nil {
			t.Fatal(err)
		}
	}
	p := person(t, set, "anna@example.com")
	records, _, err := set.Page(t.Context(), p, "crm", "contacts", "", 10)
	must(t, err)
	holdings := []sources.Holdings{{Source: "crm", Collection: "contacts", IDs: []string{records[0].ID}}}
	for range 2 { // twice does no more than once
		must(t, set.Forget(t.Context(), "crm", holdings, sunday))
	}
	if n, _, err := bring(t, set, 2, nil, changed, annaB); err != nil || n.Forgotten != 1 || n.Gone != 1 || n.Same != 1 {
		t.Errorf("an export that still has her: %+v %v", n, err)
	}
	if got := person(t, set, "anna@example.com"); got.Seeds() != 0 {
		t.Error("she is back")
	}
	if got := state(t, set, person(t, set, "anna@example.co"), "contacts"); got != "ok 1" {
		t.Errorf("the records of who looks like her are %s", got)
	}
	must(t, set.Close())
	for query, want := range map[string]string{
		"SELECT count(*) FROM history":                                                             "0",
		"SELECT count(*) FROM records WHERE gone_at IS NOT NULL AND sealed IS NULL":                "1",
		"SELECT count(*) FROM records":                                                             "2",
		"SELECT count(*) FROM marks WHERE record NOT IN (SELECT id FROM records WHERE sealed > 0)": "0",
	} {
		if got := ask(t, config.DSN, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
