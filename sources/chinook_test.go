package sources_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

// chinook opens the real file, which is no part of the project, with the map of the documentation, which is.
func chinook(t *testing.T) (*sources.Set, *sql.DB) {
	t.Helper()
	const file = "../../shared/real/chinook.sqlite"
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skip("the Chinook file is not on this machine")
	}
	set := open(t, sources.Config{Key: "chinook", Driver: "sqlite", DSN: "file:" + file, Dataset: "../docs/examples/chinook/datamap.yml"})
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return set, db
}

func TestChinookMapFitsTheFile(t *testing.T) {
	set, _ := chinook(t)
	for _, f := range set.Check(t.Context()) {
		t.Error(f)
	}
}

func TestChinookAnswersLuisWithWhatIsHis(t *testing.T) {
	set, _ := chinook(t)
	p := person(t, set, "luisg@embraer.com.br")
	want := map[string]int{"Customer": 1, "Invoice": 7, "InvoiceLine": 38, "Track": 38}
	for _, st := range overview(t, set, p) {
		if st.State != sources.OK || st.Count != want[st.Collection.Name] {
			t.Errorf("%s: %s with %d records, want %d", st.Collection.Name, st.State, st.Count, want[st.Collection.Name])
		}
	}
	page, next, err := set.Page(t.Context(), p, "chinook", "Invoice", "", 100)
	if err != nil || next != "" {
		t.Fatal(next, err)
	}
	total := 0.0
	for _, rec := range page {
		total += rec.Cell("Total").Value.(float64)
	}
	if got := fmt.Sprintf("%.2f", total); got != "39.62" {
		t.Errorf("the invoices add up to %s, want 39.62", got)
	}
	if got := page[0].Cell("InvoiceDate").String(); len(got) != len("2021-01-01 00:00:00") || got[10] != ' ' {
		t.Errorf("the date is %q: it should be as stored", got)
	}
}

func TestChinookGivesEveryCustomerTheirsAndNothingOfOthers(t *testing.T) {
	set, db := chinook(t)
	rows, err := db.Query(`SELECT CustomerId, Email, Address, coalesce(Phone, '') FROM Customer`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	type customer struct {
		id                    int
		email, address, phone string
	}
	var all []customer
	for rows.Next() {
		var c customer
		if err := rows.Scan(&c.id, &c.email, &c.address, &c.phone); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if len(all) != 59 {
		t.Fatalf("%d customers, want 59", len(all))
	}
	count := map[string]string{
		"Customer":    `SELECT 1 WHERE ?1 = ?1`,
		"Invoice":     `SELECT count(*) FROM Invoice WHERE CustomerId = ?1`,
		"InvoiceLine": `SELECT count(*) FROM InvoiceLine l JOIN Invoice i USING (InvoiceId) WHERE i.CustomerId = ?1`,
		"Track":       `SELECT count(DISTINCT l.TrackId) FROM InvoiceLine l JOIN Invoice i USING (InvoiceId) WHERE i.CustomerId = ?1`,
	}
	for _, c := range all {
		p := person(t, set, strings.ToLower(c.email))
		for _, st := range overview(t, set, p) {
			var want int
			if err := db.QueryRow(count[st.Collection.Name], c.id).Scan(&want); err != nil {
				t.Fatal(err)
			}
			if st.Count != want {
				t.Errorf("customer %d, %s: %d records, want %d", c.id, st.Collection.Name, st.Count, want)
			}
		}
		out := dump(t, set, p)
		for _, o := range all {
			for _, theirs := range []string{o.email, o.address, o.phone} {
				if o.id != c.id && theirs != "" && theirs != c.address && theirs != c.phone && bytes.Contains(out, []byte(theirs)) {
					t.Errorf("customer %d gets %q of customer %d", c.id, theirs, o.id)
				}
			}
		}
		if bytes.Contains(out, []byte("SupportRepId")) || bytes.Contains(out, []byte("chinookcorp")) {
			t.Errorf("customer %d learns who looks after them", c.id)
		}
	}
}

func TestChinookRecordsOfOthersAreNotFound(t *testing.T) {
	set, _ := chinook(t)
	p := person(t, set, "luisg@embraer.com.br")
	if _, err := set.Record(t.Context(), p, "chinook", "Customer", "2"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("customer 2 for customer 1: %v", err)
	}
	rec, err := set.Record(t.Context(), p, "chinook", "Customer", "1")
	if err != nil || rec.Cell("FirstName").String() != "Luís" {
		t.Errorf("customer 1 for themselves: %v, %v", rec, err)
	}
}
