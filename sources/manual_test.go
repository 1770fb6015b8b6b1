package sources_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

// cellar is the map of a system without a connection; %s is what a row of a table adds to it.
const cellar = `dataset:
  - fides_key: cellar
    name: Paper archive
    habeas_meta: {label: {en: Paper archive, zh-CN: 纸质档案室}, team: {en: Archive, zh-CN: 档案组}, erase: delete}
    collections:
      - name: folders
        data_categories: [user.contact]
        habeas_meta: {label: Folders, purpose: Signed orders, basis: contract, retention: Ten years}
        fields:
          - {name: customer_number, fides_meta: {identity: customer_number}}
          - {name: letters, data_categories: [user.content]}
`

// byHand is a source without a connection.
func byHand(t testing.TB, datamap string) sources.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cellar.yml")
	must(t, os.WriteFile(file, []byte(datamap), 0o600))
	return sources.Config{Key: "cellar", Driver: "manual", Dataset: file}
}

func TestASystemWithoutAConnectionIsMappedAndNeverAsked(t *testing.T) {
	set := open(t, append(shopConfigs(t), byHand(t, cellar))...)
	before := overview(t, open(t, shopConfigs(t)...), person(t, open(t, shopConfigs(t)...), "ann@example.com"))
	p := person(t, set, "ann@example.com")
	if !p.Complete() {
		t.Error("a person is taken for one of whom a list of people could not be asked")
	}
	states := overview(t, set, p)
	if len(states) != len(before)+1 {
		t.Fatalf("%d collections, want one more than %d", len(states), len(before))
	}
	last := states[len(states)-1]
	if last.State != sources.ByHand || last.Count != 0 || last.Reason != "" || last.Collection.Name != "folders" {
		t.Errorf("the folders are %+v", last)
	}
	scanned, err := scan(t, set, p, func(c *sources.Collection, _ sources.Record) error {
		if c.Name == "folders" {
			t.Error("a record came from a system without a connection")
		}
		return nil
	})
	must(t, err)
	if got := scanned[len(scanned)-1]; got.State != sources.ByHand {
		t.Errorf("a scan says %+v", got)
	}
	if n, err := set.Count(t.Context(), p, last.Collection); n != 0 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	if page, next, err := set.Page(t.Context(), p, "cellar", "folders", "", 10); len(page) != 0 || next != "" || err != nil {
		t.Errorf("a page is %v, %q, %v", page, next, err)
	}
	if _, err := set.Record(t.Context(), p, "cellar", "folders", "1"); err != rights.ErrNotFound {
		t.Errorf("a record: %v", err)
	}
	if err := set.Write(t.Context(), p, "cellar", "folders", "1", "letters", "a", "b"); err != rights.ErrNotFound {
		t.Errorf("a correction: %v", err)
	}
	if !set.Fate(last.Collection).ByHand {
		t.Error("a machine would erase in it")
	}
	holdings, err := set.Holdings(t.Context(), p)
	must(t, err)
	for _, h := range holdings {
		if h.Source == "cellar" {
			t.Errorf("%v counts among what is erased", h)
		}
	}
	if !set.Manual("cellar") || set.Manual("shop") || set.Manual("attic") {
		t.Error("which source has no connection is mixed up")
	}
	if team := set.Team("cellar"); team.In("zh-CN") != "档案组" || set.Team("shop") != nil {
		t.Errorf("the teams are %v and %v", team, set.Team("shop"))
	}
	found := false
	for _, a := range set.Activities() {
		found = found || a.Source == "cellar" && a.Purposes[0].In("en") == "Signed orders"
	}
	if !found {
		t.Error("the record of processing lacks it")
	}
	for _, f := range set.Check(t.Context()) {
		if strings.Contains(f.File, "cellar") {
			t.Errorf("a check says %s", f)
		}
	}
}

func TestAPersonCanHaveNothingButPaper(t *testing.T) {
	set := open(t, append(shopConfigs(t), byHand(t, strings.Replace(cellar, "letters, data", "email, fides_meta: {identity: email}, data", 1)))...)
	p := person(t, set, "stranger@example.net")
	if p.Seeds() != 0 || !p.Complete() {
		t.Errorf("%d seeds, complete %v", p.Seeds(), p.Complete())
	}
	if states := overview(t, set, p); states[len(states)-1].State != sources.ByHand {
		t.Errorf("the folders are %+v", states[len(states)-1])
	}
}

func TestAMapOfASystemWithoutAConnectionSaysWhatItCan(t *testing.T) {
	swap := func(old, new string) string { return strings.Replace(cellar, old, new, 1) }
	for _, row := range []struct{ why, text, want string }{
		{"no team", swap(", team: {en: Archive, zh-CN: 档案组}", ""), "2: dataset \"cellar\" is of a system without a connection, so a team has to look: write who it is, habeas_meta: {team: Archive}"},
		{"people correct it themselves", swap("letters, data", "letters, habeas_meta: {editable: self}, data"), "11: field \"letters\" is editable: self"},
		{"flags for a machine", swap("retention: Ten years}", "retention: Ten years, flags: {opt_out: letters}}"), "6: collection \"folders\" has flags"},
		{"retention for a machine", swap("retention: Ten years}", "retention: Ten years, retain: {for: P10Y, from: letters}}"), "6: collection \"folders\" has retain"},
		{"a dataset of another's name", swap("fides_key: cellar", "fides_key: shop"), "2: dataset \"shop\" is already mapped"},
	} {
		_, err := sources.Open(t.Context(), append(shopConfigs(t), byHand(t, row.text)), sources.Options{})
		if err == nil || !strings.Contains(err.Error(), "cellar.yml:"+row.want) {
			t.Errorf("%s: %v, want %s", row.why, err, row.want)
		}
	}
	config := byHand(t, cellar)
	config.DSN = "file:cellar.db"
	if _, err := sources.Open(t.Context(), append(shopConfigs(t), config), sources.Options{}); err == nil || !strings.Contains(err.Error(), "leave it out") {
		t.Errorf("a dsn: %v", err)
	}
	set := open(t, append(shopConfigs(t), byHand(t, swap("fides_meta: {identity: customer_number}", "fides_meta: {references: [{dataset: shop, field: customers.id}]}")))...)
	said := false
	for _, w := range set.Warnings() {
		said = said || strings.Contains(w.Message, "is not followed")
	}
	if !said {
		t.Errorf("nobody is told that a reference leads nowhere: %v", set.Warnings())
	}
}
