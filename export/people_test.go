package export_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"habeas/export"
	"habeas/sources"
	"habeas/sources/sample"
)

func TestNothingOfOnePersonReachesAnother(t *testing.T) {
	set := shop(t, sources.Options{}, customers(), orders())
	a, b := build(t, input(t, set, addressA)), build(t, input(t, set, addressB))
	if strings.Contains(a.everything(), "MARK-B") || bytes.Contains(a.raw, []byte("MARK-B")) {
		t.Error("A's package holds something of B")
	}
	for _, own := range []string{"Ana Núñez &lt;b&gt;", "Where is my teapot?", "谢谢。"} {
		if !strings.Contains(a.everything(), own) {
			t.Errorf("A's package lacks %q", own)
		}
		if strings.Contains(b.everything(), own) {
			t.Errorf("B's package holds %q of A", own)
		}
	}
}

// Shops at random: everybody's texts are of the same few words, and each has a mark of its owner.
func TestNothingOfOnePersonReachesAnotherInAnyShop(t *testing.T) {
	words := []string{"teapot", "blue", "ana", "example.org", "茶壶", "1", "-1", "=A1", "<b>", ","}
	for seed := range uint64(12) {
		chance := rand.New(rand.NewPCG(seed, 7))
		owners := []string{"ana", "bea", "cem"}
		said := map[string][]string{}
		text := func(owner int) string {
			mark := fmt.Sprintf("%s-mark-%d", owners[owner], len(said[owners[owner]]))
			said[owners[owner]] = append(said[owners[owner]], mark)
			return words[chance.IntN(len(words))] + " " + mark + " " + words[chance.IntN(len(words))]
		}
		people, bought, wished := sample.Table{Name: "customers"}, sample.Table{Name: "orders"}, sample.Table{Name: "wishes"}
		for i, name := range owners {
			people.Rows = append(people.Rows, []any{i + 1, text(i), name + "@example.org", "", "", "", nil, i, text(i), nil, "", nil})
		}
		for i := range 60 {
			o := chance.IntN(3)
			bought.Rows = append(bought.Rows, []any{i, o + 1, text(o), 1, text(o)})
			o = chance.IntN(3)
			wished.Rows = append(wished.Rows, []any{i, o + 1, text(o)})
		}
		set := shop(t, sources.Options{}, people, bought, wished)
		half := []*sources.Collection{set.Collection("shop", "customers"), set.Collection("shop", "wishes")}
		for _, whose := range owners {
			in := input(t, set, whose+"@example.org")
			in.Supplement = &export.Supplement{Number: 1, Of: half}
			some := build(t, in).everything()
			in.Supplement.Of = []*sources.Collection{set.Collection("shop", "orders")}
			all := some + build(t, in).everything() // two halves hold what the whole holds
			if whole := build(t, input(t, set, whose+"@example.org")).everything(); strings.Count(whole, "-mark-") != strings.Count(all, "-mark-") {
				t.Fatalf("seed %d: the supplements of %s hold something else than the whole", seed, whose)
			}
			for owner, marks := range said {
				for _, mark := range marks {
					if strings.Contains(all, mark+" ") != (owner == whose) {
						t.Fatalf("seed %d: whether the package of %s holds %q is wrong", seed, whose, mark)
					}
				}
			}
		}
	}
}

func TestWhatASharedMailboxAloneTiesIsKeptBack(t *testing.T) {
	people := customers()
	people.Rows[1][2] = addressA // two people, one mailbox
	set := shop(t, sources.Options{}, people, orders())
	match, err := set.Find(t.Context(), sources.Identity{Email: addressA})
	if err != nil || len(match.Candidates) != 2 {
		t.Fatalf("%d candidates: %v", len(match.Candidates), err)
	}
	in := input(t, set, addressA)
	in.Person = match.Candidates[0]
	a := build(t, in)
	var m manifest
	a.read(t, "manifest.json", &m)
	if s := m.Sources[1]; s.State != "kept_back" || s.Ground != "shared" || s.Records != 0 || s.Collections[0].State != "kept_back" {
		t.Errorf("the letters are told as %+v", s)
	}
	if len(a.result.Missing) > 0 || m.Sources[0].State != "complete" || a.files["data/shop/orders.json"] == "" {
		t.Error("what is surely theirs is missing, or the package waits for what will never come")
	}
	if strings.Contains(a.everything(), "MARK-B") || strings.Contains(a.everything(), "Where is my teapot?") {
		t.Error("the package holds what may be another's")
	}
	if !strings.Contains(a.files["index.html"], "<li>Help desk: Letters</li>") {
		t.Error("the index does not say what is kept back")
	}
}
