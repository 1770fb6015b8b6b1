package sources_test

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"habeas/sources"
)

// testVault is the key of every snapshot of the tests.
func testVault(source string) []byte { return bytes.Repeat([]byte{byte(len(source))}, 32) }

// A snapshot answers what a database does, so the tests of one are those of the other: the rows that a test writes are
// imported. What the declared types of its columns say, the map says here.
func TestASnapshotAnswersAsADatabaseDoes(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"no byte of another ever appears":                         testNoByteOfAnotherEverAppears,
		"channels are the other addresses of a person's own rows": testChannelsAreTheOtherAddressesOfAPersonsOwnRows,
		"a person gets their records from every source":           testAPersonGetsTheirRecordsFromEverySource,
		"each record comes once and in order":                     testEachRecordComesOnceAndInOrder,
		"staff see themselves and not their customers":            testStaffSeeThemselvesAndNotTheirCustomers,
		"nobody known is a good answer":                           testNobodyKnownIsAGoodAnswer,
		"addresses match exactly but for case and blanks":         testAddressesMatchExactlyButForCaseAndBlanks,
		"a domain matches in either script":                       testADomainMatchesInEitherScript,
		"a person survives being written down":                    testAPersonSurvivesBeingWrittenDown,
		"circles are named and not followed":                      testCirclesAreNamedAndNotFollowed,
		"the advice of a warning makes it go away":                testTheAdviceOfAWarningMakesItGoAway,
		"what a value of two people leads to is withheld":         testWhatAValueOfTwoPeopleLeadsToIsWithheldAndNotEmpty,
		"a record that names a person is theirs alone":            testARecordThatNamesAPersonOfAnyListIsTheirsAlone,
		"an empty text refers to nobody":                          testAnEmptyTextRefersToNobody,
		"an empty number ties nobody":                             testAnEmptyNumberTiesNobodyAndTellsNobodyApart,
		"references are compared as they are written":             testReferencesAreComparedAsTheyAreWrittenWhateverTheColumnSays,
		"issued numbers are compared as they are written":         testIssuedNumbersOfTwoSourcesAreComparedAsTheyAreWritten,
		"a joined person has what both have and nothing else":     testAJoinedPersonHasWhatBothHaveAndNothingElse,
		"a number is held by a list exactly or not at all":        testANumberIsHeldByAListExactlyOrNotAtAll,
		"pages join up to everything once":                        testPagesJoinUpToEverythingOnce,
		"a record is found by its ID and only by its owner":       testARecordIsFoundByItsIDAndOnlyByItsOwner,
		"one mailbox in two lists is one person":                  testOneMailboxInTwoListsIsOnePersonUnlessNamesOrBirthdaysContradict,
		"a tie counts for more than a name that changed":          testATieCountsForMoreThanANameThatChanged,
		"two people behind one mailbox are not merged":            testTwoPeopleBehindOneMailboxAreNotMerged,
		"a second datum picks one":                                testASecondDatumPicksOne,
		"the chosen one gets nothing that only the mailbox ties":  testTheChosenOneGetsNothingThatOnlyTheMailboxTiesToThem,
		"an identity that two people have leads nowhere":          testAnIdentityThatTwoPeopleHaveLeadsNowhere,
		"issued identities that differ make two people":           testIssuedIdentitiesThatDifferMakeTwoPeople,
		"rows of one person are tied before they are told apart":  testRowsOfOnePersonInTwoListsAreTiedBeforeTheyAreToldApart,
	} {
		t.Run(name, func(t *testing.T) { t.Run("snapshot", test) })
	}
}

// snapshotSource writes the rows of a test into a database, of which importAll takes the snapshot.
func snapshotSource(t testing.TB, key, schema, datamap string) sources.Config {
	t.Helper()
	dir := t.TempDir()
	origin := filepath.Join(dir, key+".db")
	run(t, "sqlite", "file:"+origin, schema)
	db, err := sql.Open("sqlite", origin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var top map[string]any
	if err := yaml.Unmarshal([]byte(datamap), &top); err != nil {
		t.Fatal(err)
	}
	each := func(v any, f func(map[string]any)) {
		list, _ := v.([]any)
		for _, item := range list {
			if m, ok := item.(map[string]any); ok {
				f(m)
			}
		}
	}
	each(top["dataset"], func(d map[string]any) {
		each(d["collections"], func(c map[string]any) {
			types := typesOf(t, db, fmt.Sprint(c["name"]))
			each(c["fields"], func(f map[string]any) {
				meta, _ := f["fides_meta"].(map[string]any)
				if meta == nil {
					meta = map[string]any{}
				}
				if typ := types[fmt.Sprint(f["name"])]; meta["data_type"] == nil && f["fields"] == nil && typ != "" {
					meta["data_type"] = typ
				}
				f["fides_meta"] = meta
				if ours, ok := f["habeas_meta"].(map[string]any); ok && ours["editable"] == "self" {
					ours["editable"] = "ask"
				}
			})
		})
	})
	text, err := yaml.Marshal(top)
	if err != nil {
		t.Fatal(err)
	}
	yml := filepath.Join(dir, key+".yml")
	if err := os.WriteFile(yml, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return sources.Config{Key: key, Driver: "snapshot", DSN: filepath.Join(dir, "snapshots", key+".db"), Dataset: yml}
}

// originOf returns the database of which the snapshot is one, for another's DSN that itself.
func originOf(dsn string) string {
	if dir := filepath.Dir(dsn); filepath.Base(dir) == "snapshots" {
		return filepath.Join(filepath.Dir(dir), filepath.Base(dsn))
	}
	return dsn
}

// typesOf says of the columns of a table what a map says of numbers.
func typesOf(t testing.TB, db *sql.DB, table string) map[string]string {
	t.Helper()
	rows, err := db.Query("SELECT name, upper(type) FROM pragma_table_info(?)", table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, typ string
		if err := rows.Scan(&name, &typ); err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.Contains(typ, "INT"):
			out[name] = "integer"
		case strings.Contains(typ, "REAL"), strings.Contains(typ, "NUM"):
			out[name] = "float"
		case strings.Contains(typ, "BOOL"):
			out[name] = "boolean"
		}
	}
	return out
}

// importAll imports what snapshotSource wrote into every snapshot of a set.
func importAll(t testing.TB, set *sources.Set, configs []sources.Config) {
	t.Helper()
	for _, c := range configs {
		if c.Driver != "snapshot" {
			continue
		}
		db, err := sql.Open("sqlite", originOf(c.DSN))
		if err != nil {
			t.Fatal(err)
		}
		for _, collection := range set.Collections() {
			if collection.Source() == c.Key {
				importTable(t, set, db, collection)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func importTable(t testing.TB, set *sources.Set, db *sql.DB, c *sources.Collection) {
	t.Helper()
	names := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		names[i] = `+"` + f.Name + `"`
	}
	rows, err := db.Query(fmt.Sprintf(`SELECT %s FROM "%s"`, strings.Join(names, ", "), c.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	number := 0
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	_, err = set.Import(t.Context(), sources.Import{
		Source: c.Source(), Collection: c.Name, Columns: c.Fields, At: time.Unix(1_800_000_000, 0),
		Next: func() (int, []string, error) {
			if !rows.Next() {
				if err := rows.Err(); err != nil {
					return 0, nil, err
				}
				return 0, nil, io.EOF
			}
			number++
			if err := rows.Scan(into...); err != nil {
				return 0, nil, err
			}
			cells := make([]string, len(values))
			for i, v := range values {
				switch v := v.(type) {
				case nil:
				case string:
					if cells[i] = strings.ToValidUTF8(v, "\uFFFD"); len(c.Fields[i].Fields) > 0 && !json.Valid([]byte(v)) {
						cells[i] = "" // an import refuses it
					}
				case float64:
					cells[i] = strconv.FormatFloat(v, 'f', -1, 64)
				case []byte:
					cells[i] = hex.EncodeToString(v) // a file has none
				default:
					cells[i] = fmt.Sprint(v)
				}
			}
			return number, cells, nil
		},
		Fault: func(f sources.RowFault) error { return &f },
	})
	if err != nil && !errors.Is(err, sources.ErrNoRows) {
		t.Fatalf("import %s: %v", c, err)
	}
}

// ask returns the one value of a query, as text.
func ask(t testing.TB, file, query string) string {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out string
	if err := db.QueryRow(query).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}
