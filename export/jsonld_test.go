package export_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"habeas/export"
	"habeas/rights"
	"habeas/sources"
)

// portable is a package of what a person can take elsewhere.
func portable(t testing.TB, set *sources.Set, address string) archive {
	t.Helper()
	in := input(t, set, address)
	in.Request.Right = rights.Portability
	return build(t, in)
}

// Of schema.org: which properties each type has (schema.org/Person, /Dataset, /ItemList, /PropertyValue, /ContactPoint,
// /PostalAddress). What is not listed is a mistake of ours.
var schemaOrg = map[string]string{
	"Person":  "name givenName familyName birthDate gender knowsLanguage jobTitle url sameAs affiliation identifier contactPoint address",
	"Dataset": "name identifier about", "ItemList": "itemListElement numberOfItems", "PropertyValue": "name propertyID value",
	"ContactPoint": "email telephone faxNumber", "PostalAddress": "streetAddress postalCode addressLocality addressRegion addressCountry",
}

// nodes checks a value of the document and calls each for every node of it.
func nodes(t *testing.T, v any, each func(types []string, node map[string]any)) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			nodes(t, e, each)
		}
	case map[string]any:
		if id, ref := v["@id"]; ref && len(v) == 1 {
			if id != "_:person" {
				t.Errorf("a reference leads to %v, which is nowhere", id)
			}
			return
		}
		var types []string
		switch typ := v["@type"].(type) {
		case string:
			types = []string{typ}
		case []any:
			for _, one := range typ {
				types = append(types, fmt.Sprint(one))
			}
		}
		may := []string{"@type", "@id"}
		for _, typ := range types {
			if schemaOrg[typ] == "" {
				t.Errorf("schema.org has no %s", typ)
			}
			may = append(may, strings.Fields(schemaOrg[typ])...)
		}
		for key, value := range v {
			if !slices.Contains(may, key) {
				t.Errorf("a %v has no %q", types, key)
			}
			if key[0] != '@' {
				nodes(t, value, each)
			}
		}
		each(types, v)
	}
}

func TestAPortablePackageHoldsItsRecordsAsLinkedData(t *testing.T) {
	set := shop(t, sources.Options{}, customers(), orders())
	a := portable(t, set, addressA)
	var doc map[string]any
	a.read(t, "data.jsonld", &doc)
	if got := slices.Sorted(maps.Keys(doc)); fmt.Sprint(got) != "[@context @graph]" || fmt.Sprint(doc["@context"]) != "map[@vocab:https://schema.org/]" {
		t.Errorf("the document has %v, its context is %v", got, doc["@context"])
	}
	lists, values := map[string]string{}, 0
	var me []map[string]any
	nodes(t, doc["@graph"], func(types []string, n map[string]any) {
		switch fmt.Sprint(types) {
		case "[Dataset ItemList]":
			lists[fmt.Sprint(n["identifier"])] = fmt.Sprint(n["numberOfItems"])
			if fmt.Sprint(len(n["itemListElement"].([]any))) != fmt.Sprint(n["numberOfItems"]) {
				t.Errorf("%v says it has %v items", n["identifier"], n["numberOfItems"])
			}
		case "[Person]":
			me = append(me, n)
			if n["@id"] != "_:person" {
				t.Errorf("a person is %v", n["@id"])
			}
		case "[PropertyValue]":
			values++
		}
	})
	if fmt.Sprint(lists) != "map[desk/letters/来信:2 shop/customers:1 shop/orders:3]" || values == 0 {
		t.Errorf("the lists are %v, with %d values", lists, values)
	}
	if len(me) != 2 || me[1]["name"] != "Ana Núñez <b>" || fmt.Sprint(me[1]["contactPoint"]) != "map[@type:ContactPoint email:"+addressA+"]" {
		t.Errorf("the person is %v", me)
	}
	whole := a.everything()
	for _, never := range []string{"MARK-B", "keen", "Adviser Adam", "Fred", "P1234567X", "hash-of-a", "voice-of-a"} {
		if strings.Contains(whole, never) {
			t.Errorf("the package holds %q", never)
		}
	}
	var m manifest
	a.read(t, "manifest.json", &m)
	if !slices.ContainsFunc(m.Files, func(f struct {
		Path    string
		Bytes   int
		SHA256  string
		Records *int
	}) bool {
		return f.Path == "data.jsonld" && f.Bytes == len(a.files["data.jsonld"])
	}) {
		t.Error("the manifest does not list it")
	}
	if !strings.Contains(a.files["index.html"], "data.jsonld") {
		t.Error("the index does not speak of it")
	}
	if other := build(t, input(t, set, addressA)); other.files["data.jsonld"] != "" {
		t.Error("a copy of everything has it too")
	}
	if again := portable(t, set, addressA); string(again.raw) != string(a.raw) {
		t.Error("the same data give other bytes")
	}
}

func TestWhatTheHouseCallsItsCustomersIsNotPortable(t *testing.T) {
	a := portable(t, shop(t, sources.Options{}, customers(), orders()), addressA)
	for _, name := range []string{"data/shop/customers.json", "data/shop/orders.json"} {
		var rows []map[string]json.RawMessage
		a.read(t, name, &rows)
		for _, row := range rows {
			if row["id"] != nil && name == "data/shop/customers.json" || row["customer_id"] != nil {
				t.Errorf("%s holds a number of ours: %s", name, row)
			}
		}
	}
}

func TestLinkedDataOfManyRecordsAreWhole(t *testing.T) {
	const n = 30_000
	set := shop(t, sources.Options{}, customers(), many(n))
	a := portable(t, set, addressA)
	var doc struct {
		Graph []struct {
			Identifier string
			Items      []json.RawMessage `json:"itemListElement"`
		} `json:"@graph"`
	}
	a.read(t, "data.jsonld", &doc)
	for _, list := range doc.Graph {
		if list.Identifier == "shop/orders" && len(list.Items) != n {
			t.Errorf("it holds %d orders", len(list.Items))
		}
	}
}

func TestASupplementHoldsOnlyWhatWasMissing(t *testing.T) {
	for _, right := range []rights.Right{rights.Access, rights.Portability} {
		set := shop(t, sources.Options{}, customers(), orders())
		in := input(t, set, addressA)
		in.Request.Right = right
		in.Supplement = &export.Supplement{Number: 2, To: "abc", Of: []*sources.Collection{set.Collection("desk", "letters/来信")}}
		a := build(t, in)
		whole := a.everything()
		for _, never := range []string{"MARK-B", "Teapot", "Ana Núñez", "data/shop", "consents.json", "requests.json"} {
			if strings.Contains(whole, never) {
				t.Errorf("%s: it holds %q", right, never)
			}
		}
		if !strings.Contains(whole, "Where is my teapot?") || len(a.result.Missing) != 0 {
			t.Errorf("%s: it lacks what was missing", right)
		}
		if !strings.Contains(a.files["manifest.json"], `"supplements": {`) || !strings.Contains(a.files["manifest.json"], `"sha256": "abc"`) {
			t.Errorf("%s: the manifest is %s", right, a.files["manifest.json"])
		}
		if !strings.Contains(a.files["index.html"], "The rest of the copy") || !strings.Contains(a.files["README.txt"], "A supplement") {
			t.Errorf("%s: it does not say what it is", right)
		}
		if again := build(t, in); string(again.raw) != string(a.raw) {
			t.Errorf("%s: the same data give other bytes", right)
		}
	}
}
