package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"habeas/sources"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// openShop makes the shop in a directory of its own and opens it as a portal would.
func openShop(t *testing.T) *sources.Set {
	t.Helper()
	dir := t.TempDir()
	if err := MakeShop(t.Context(), dir, noon); err != nil {
		t.Fatal(err)
	}
	var configs []sources.Config
	for _, key := range []string{"shop", "warehouse"} {
		text, err := Files.ReadFile(key + ".yml")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, key+".yml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		configs = append(configs, sources.Config{Key: key, Driver: "sqlite", DSN: "file:" + filepath.Join(dir, key+".db"), Dataset: file})
	}
	set, err := sources.Open(t.Context(), configs, sources.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = set.Close() })
	return set
}

func TestDataMapFitsTheDatabasesWithoutAWarning(t *testing.T) {
	for _, f := range openShop(t).Check(t.Context()) {
		t.Error(f)
	}
}

// Officers read the names that customers do: "your" would be theirs on one page and the customer's on the other.
func TestNamesOfDataSuitWhoeverReadsThem(t *testing.T) {
	speaks := regexp.MustCompile(`(?i)label: .*(\byou(rs?)?\b|您)`)
	for _, key := range []string{"shop", "warehouse"} {
		text, err := Files.ReadFile(key + ".yml")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range speaks.FindAll(text, -1) {
			t.Errorf("%s: %s", key, line)
		}
	}
}

func TestShopHoldsWhatItsPeopleAreThereFor(t *testing.T) {
	set := openShop(t)
	for _, row := range []struct {
		why, email         string
		people             int
		source, collection string
		records            int
	}{
		{"a long-standing customer has ordered often", maeve, 1, "shop", "orders", 17},
		{"and the warehouse knows her by her number", maeve, 1, "warehouse", "deliveries", 17},
		{"and her points hang on her club number", maeve, 1, "shop", "loyalty_events", 17},
		{"and her letters on her mailbox", maeve, 1, "shop", "newsletter_log", 24},
		{"a customer in China", jingyi, 1, "shop", "orders", 9},
		{"a very large collection", kenji, 1, "shop", "visits", 5000},
		{"an account and nothing else", lena, 1, "shop", "orders", 0},
		{"two people behind one mailbox", family, 2, "", "", 0},
		{"somebody of the crowd", fang, 1, "", "", 0},
		{"nobody", stranger, 0, "", "", 0},
	} {
		match, err := set.Find(t.Context(), sources.Identity{Email: row.email})
		if err != nil {
			t.Fatal(err)
		}
		if len(match.Candidates) != row.people {
			t.Errorf("%s: %d people behind the mailbox, want %d", row.why, len(match.Candidates), row.people)
			continue
		}
		if row.source == "" {
			continue
		}
		n, err := set.Count(t.Context(), match.Candidates[0], set.Collection(row.source, row.collection))
		if err != nil || n != row.records {
			t.Errorf("%s: %d records of %s (%v), want %d", row.why, n, row.collection, err, row.records)
		}
	}
}

func TestShopIsTheSameOnEveryMachine(t *testing.T) {
	var shops [2][]byte
	for i := range shops {
		dir := t.TempDir()
		if err := MakeShop(t.Context(), dir, noon); err != nil {
			t.Fatal(err)
		}
		var err error
		if shops[i], err = os.ReadFile(filepath.Join(dir, "shop.db")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(shops[0], shops[1]) {
		t.Error("two shops of one moment differ")
	}
}

func TestShopLetsSomebodyBeErasedAndKeepsWhatTheLawWants(t *testing.T) {
	set := openShop(t)
	match, err := set.Find(t.Context(), sources.Identity{Email: maeve})
	if err != nil {
		t.Fatal(err)
	}
	holdings, err := set.Holdings(t.Context(), match.Person)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range set.Sources() {
		if err := set.Erase(t.Context(), source, holdings); err != nil {
			t.Fatal(err)
		}
	}
	for collection, want := range map[string]string{"orders": "ok", "order_lines": "ok", "customers": "ok", "addresses": "empty", "visits": "empty", "support_tickets": "empty", "newsletter_log": "empty"} {
		for _, st := range must(set.Overview(t.Context(), match.Person)) {
			if st.Collection.Source() == "shop" && st.Collection.Name == collection && string(st.State) != want {
				t.Errorf("%s: %s with %d records, want %s", collection, st.State, st.Count, want)
			}
		}
	}
	if again, err := set.Find(t.Context(), sources.Identity{Email: maeve}); err != nil || len(again.Candidates) != 0 {
		t.Errorf("she is found by her mailbox: %d, %v", len(again.Candidates), err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
