package sample

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

func TestMakeWritesEveryRowOnceAndOverwritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	schema := "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)"
	rows := []Table{{"people", [][]any{{1, "Maeve"}, {2, nil}}}}
	if err := Make(t.Context(), path, schema, rows); err != nil {
		t.Fatal(err)
	}
	if err := Make(t.Context(), path, schema, rows); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("a second Make says %v", err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all, named int
	if err := db.QueryRow("SELECT count(*), count(name) FROM people").Scan(&all, &named); err != nil || all != 2 || named != 1 {
		t.Errorf("found %d people, %d with a name (%v), want 2 and 1", all, named, err)
	}
}

func TestMakeNamesTheTableThatDoesNotFit(t *testing.T) {
	err := Make(t.Context(), filepath.Join(t.TempDir(), "shop.db"), "CREATE TABLE people (id INTEGER PRIMARY KEY)",
		[]Table{{"people", [][]any{{1, "too many"}}}})
	if err == nil || !strings.Contains(err.Error(), "table people") {
		t.Errorf("Make says %v", err)
	}
}
