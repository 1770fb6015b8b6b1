package workflow_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
	"habeas/workflow"
)

func TestACopyToTakeElsewhereIsAskedForLikeACopyOfEverything(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r, err := h.Export(t.Context(), by, rights.Portability, "en")
	h.must(err)
	if r.Right != rights.Portability || r.Due.IsZero() {
		t.Errorf("filed: %+v", r)
	}
	if !strings.Contains(h.wrote(ann), "/stop/") {
		t.Error("the alert has no link that stops it")
	}
	up := h.down("journal")
	h.build()
	up()
	if got := h.copied(by, r.Ref); got != "0 ready, journal.visits down, again in 5m0s" || fmt.Sprint(h.tasksOf(r.Ref)) != "[journal portability open]" {
		t.Errorf("without the journal: %s, %q", got, h.tasksOf(r.Ref))
	}
	says(t, h.download(by, r.Ref), "data.jsonld", `"@vocab":"https://schema.org/"`, "Annabel Harker")
	h.clock.Advance(5 * time.Minute)
	h.build()
	says(t, h.supplement(by, r.Ref, 1), "data.jsonld", "Visit-Ann")
	if got := h.state(by, r.Ref); got != "ready, fulfilled" {
		t.Errorf("it stands at %s", got)
	}
	d, err := h.Portal.Request(t.Context(), by, r.Ref)
	if h.must(err); d.Package == nil || len(d.Copy.Packages) != 2 {
		t.Errorf("its page: %+v", d.Copy)
	}
	if ref, err := h.LatestPackage(t.Context(), by); err != nil || ref != r.Ref {
		t.Errorf("the page of copies leads to %q, %v", ref, err)
	}
}

func TestWhereTheLawKnowsNoPortabilityItIsNotOffered(t *testing.T) {
	for _, g := range rights.Regimes {
		h := open(t)
		by := h.customer(ann)
		h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
			s, err := tx.Subject(t.Context(), by.ID)
			if err != nil {
				return err
			}
			s.Regime = g.ID
			return tx.UpdateSubject(s, rights.Entry{At: h.Now(), Actor: rights.System, Act: "subject.regime", Subject: s.ID})
		}))
		_, granted := g.Grant(rights.Portability)
		offered, err := h.MayTakeElsewhere(t.Context(), by)
		h.must(err)
		_, err = h.Export(t.Context(), by, rights.Portability, "en")
		if offered != granted || errors.Is(err, rights.ErrNotFound) == granted {
			t.Errorf("under %s it is offered: %v, and asked for: %v", g.ID, offered, err)
		}
	}
}

// A system that no machine reads keeps a request open, with a task for it, and nothing that would try it.
func TestWhatNoMachineReadsIsLeftToPeople(t *testing.T) {
	h := open(t)
	datamap := filepath.Join(h.dir, "paper.yml")
	h.must(os.WriteFile(datamap, []byte(`
dataset:
  - fides_key: cellar
    name: Cellar
    habeas_meta: {team: {en: Archive}}
    collections:
      - name: letters
        fields:
          - {name: text, data_categories: [user.content]}
`), 0o600))
	set, err := sources.Open(t.Context(), []sources.Config{
		{Key: "shop", Driver: "sqlite", DSN: "file:" + h.file("shop"), Dataset: "testdata/shop.yml"},
		{Key: "journal", Driver: "sqlite", DSN: "file:" + h.file("journal"), Dataset: "testdata/journal.yml"},
		{Key: "cellar", Driver: "manual", Dataset: datamap},
	}, sources.Options{})
	h.must(err)
	t.Cleanup(func() { h.must(set.Close()) })
	h.Sources = set
	by := h.customer(ann)
	ref := h.exported(by).Ref
	up := h.down("journal")
	h.build()
	if got := h.copied(by, ref); got != "0 ready, journal.visits down, cellar.letters by_hand, again in 5m0s" {
		t.Errorf("without the journal: %s", got)
	}
	up()
	h.clock.Advance(5 * time.Minute)
	h.build()
	if got := h.copied(by, ref) + ", " + h.state(by, ref); got != "0 ready, 1 ready, cellar.letters by_hand, ready, in_progress" {
		t.Errorf("with it: %s", got)
	}
	if got := fmt.Sprint(h.tasksOf(ref)); got != "[journal access done cellar access open]" {
		t.Errorf("its tasks: %s", got)
	}
	h.clock.Advance(24 * time.Hour)
	if n := h.build(); n != 0 {
		t.Error("a machine tries to read it")
	}
}

// What is erased before a supplement comes is not brought back by it.
func TestAnErasureComesBeforeASupplement(t *testing.T) {
	h := erasing(t)
	by := h.customer(ann)
	ref := h.exported(by).Ref
	up := h.down("journal")
	h.build()
	erasure, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Erasure, Language: "en"})
	h.must(err)
	h.clock.Advance(73 * time.Hour)
	up()
	h.runs()
	if r, err := h.Store.Request(t.Context(), erasure.ID); err != nil || r.State != rights.Fulfilled {
		t.Fatalf("the erasure is %s, %v", r.State, err)
	}
	h.build()
	all, err := h.Store.PackagesOf(t.Context(), h.idOf(ref))
	if h.must(err); len(all) != 2 || all[1].State != "ready" || all[1].Total != 0 {
		t.Fatalf("the supplement stands as %+v", all[1:])
	}
	by = h.customer(ann)
	hides(t, h.supplement(by, ref, 1), "Visit-Ann", "Order-Ann", "Annabel")
}

// idOf is the ID of the request of a reference.
func (h *house) idOf(ref string) string {
	h.t.Helper()
	r, err := h.Store.RequestByRef(h.t.Context(), ref)
	h.must(err)
	return r.ID
}

// Whoever signed in while a list of people was away is looked for in it again: else what only it leads to never came.
func TestAPersonIsLookedForAgainBeforeASupplement(t *testing.T) {
	h := open(t)
	h.execute("crm", `CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT, card TEXT);
		INSERT INTO contacts VALUES (1, 'ann@example.com', 'Card-Ann'), (2, 'bo@example.com', 'Card-Bo')`)
	datamap := filepath.Join(h.dir, "crm.yml")
	h.must(os.WriteFile(datamap, []byte(`
dataset:
  - fides_key: crm
    collections:
      - name: contacts
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: card, data_categories: [user.content]}
`), 0o600))
	set, err := sources.Open(t.Context(), []sources.Config{
		{Key: "shop", Driver: "sqlite", DSN: "file:" + h.file("shop"), Dataset: "testdata/shop.yml"},
		{Key: "journal", Driver: "sqlite", DSN: "file:" + h.file("journal"), Dataset: "testdata/journal.yml"},
		{Key: "crm", Driver: "sqlite", DSN: "file:" + h.file("crm"), Dataset: datamap},
	}, sources.Options{})
	h.must(err)
	t.Cleanup(func() { h.must(set.Close()) })
	h.Sources = set
	up := h.down("crm")
	by := h.customer(ann)
	ref := h.exported(by).Ref
	h.build()
	if got := h.copied(by, ref); !strings.Contains(got, "crm.contacts down") || h.state(by, ref) != "ready, in_progress" {
		t.Errorf("without the list: %s", got)
	}
	up()
	h.clock.Advance(5 * time.Minute)
	h.build()
	if got := h.copied(by, ref) + ", " + h.state(by, ref); got != "0 ready, 1 ready, ready, fulfilled" {
		t.Fatalf("with it: %s", got)
	}
	rest := h.supplement(by, ref, 1)
	says(t, rest, "Card-Ann")
	hides(t, rest, "Card-Bo", "Order-Ann")
}

func TestADiskThatIsFullDelaysASupplementOnly(t *testing.T) {
	h, by, ref, up := lacking(t)
	up()
	kept := h.Packages + ".kept"
	h.must(errors.Join(os.Rename(h.Packages, kept), os.WriteFile(h.Packages, nil, 0o600))) // nothing can be written there
	for _, wait := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour} {
		h.clock.Advance(wait)
		if n := h.build(); n != 1 {
			t.Errorf("after %s %d are tried", wait, n)
		}
	}
	if got := h.copied(by, ref); got != "0 ready, journal.visits down, again in 6h0m0s" {
		t.Errorf("it stands as %s", got)
	}
	h.must(errors.Join(os.Remove(h.Packages), os.Rename(kept, h.Packages)))
	h.clock.Advance(6 * time.Hour)
	h.build()
	by = h.customer(ann)
	says(t, h.supplement(by, ref, 1), "Visit-Ann")
	if got := h.state(by, ref); got != "ready, fulfilled" {
		t.Errorf("then at %s", got)
	}
}
