package export_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"habeas/sources"
)

func TestWhatIsWithheldIsNamedAndNowhereInFull(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressA))
	all := a.everything()
	for _, secret := range []string{
		"hash-of-a", "voice-of-a", "dm9pY2Utb2YtYQ", "P1234567X", "DE89370400440532013000", "L998877665", "rex-the-dog", // 11 CCR 7024(d)
		"Adviser Adam", "Fred", `"u"`, // about somebody else, or not in the map
	} {
		if strings.Contains(all, secret) {
			t.Errorf("the package holds %q", secret)
		}
	}
	for _, shown := range []string{`"passport":"*****567X"`, `"licence":"******7665"`, `"theme":"dark"`, `"photo":"AAEC/w=="`, `"balance":-12.5`} {
		if !strings.Contains(a.files["data/shop/customers.json"], shown) {
			t.Errorf("customers.json lacks %s: %s", shown, a.files["data/shop/customers.json"])
		}
	}
	var m manifest
	a.read(t, "manifest.json", &m)
	var notes []string
	for _, w := range m.Sources[0].Collections[0].Withheld {
		notes = append(notes, w.Field+" "+w.Shown)
		if w.Citation == "" || w.Ground != "never_disclosed" {
			t.Errorf("%s is withheld without a ground: %+v", w.Field, w)
		}
	}
	want := []string{"password_hash left_out", "passport masked", "iban masked", "voiceprint left_out", "profile.licence masked", "profile.hint left_out"}
	if !slices.Equal(notes, want) {
		t.Errorf("withheld are %q, want %q", notes, want)
	}
	for _, label := range []string{"Password", "Voice print", "Security answer"} {
		if !strings.Contains(a.files["index.html"], label) || !strings.Contains(a.files["pages/shop/customers.html"], label) {
			t.Errorf("the pages do not say that %q is held", label)
		}
	}
}

func TestEveryJSONFileFitsItsSchema(t *testing.T) {
	rows := orders()
	rows.Rows = append(rows.Rows, []any{30, 1, []byte{1}, "text where a number was promised", "plain"}, []any{31, 1, "x", true, nil})
	people := customers()
	people.Rows[0][11] = `[{"theme":"dark"},{"theme":null,"licence":12345678}]`
	for name, a := range map[string]archive{
		"as mapped":      build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressA)),
		"not as mapped":  build(t, input(t, shop(t, sources.Options{}, people, rows), addressA)),
		"another person": build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressB)),
	} {
		checked := 0
		for _, file := range a.names {
			data, ok := strings.CutPrefix(file, "data/")
			if !ok || !strings.HasSuffix(file, ".json") {
				continue
			}
			var schema map[string]any
			a.read(t, "schema/"+data, &schema)
			if schema["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
				t.Errorf("%s: schema of %v", file, schema["$schema"])
			}
			var value any
			a.read(t, file, &value)
			for _, fault := range validate(schema, value, "$") {
				t.Errorf("%s, %s: %s", name, file, fault)
			}
			checked++
		}
		if checked != 3 {
			t.Errorf("%s: %d files were checked", name, checked)
		}
	}
}

func TestASchemaRefusesWhatIsNotThere(t *testing.T) {
	a := build(t, input(t, shop(t, sources.Options{}, customers(), orders()), addressA))
	var schema map[string]any
	a.read(t, "schema/shop/orders.json", &schema)
	for _, bad := range []string{`{}`, `[{"id":1}]`, `[{"id":"1","customer_id":1,"item":"","amount":1,"note":""}]`, `[{"id":1,"customer_id":1,"item":"","amount":1,"note":"","more":1}]`} {
		var value any
		d := json.NewDecoder(strings.NewReader(bad))
		d.UseNumber()
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if len(validate(schema, value, "$")) == 0 {
			t.Errorf("%s passes", bad)
		}
	}
}

// validate is the part of JSON Schema 2020-12 that our schemas use.
func validate(schema map[string]any, v any, at string) (faults []string) {
	fault := func(format string, args ...any) {
		faults = append(faults, at+": "+fmt.Sprintf(format, args...))
	}
	for keyword := range schema {
		known := []string{"$schema", "title", "description", "type", "contentEncoding", "items", "properties", "required", "additionalProperties"}
		if !slices.Contains(known, keyword) && !strings.HasPrefix(keyword, "x-") {
			fault("the keyword %s is not checked here", keyword)
		}
	}
	if types, ok := schema["type"].([]any); ok && !slices.ContainsFunc(types, func(t any) bool { return is(t.(string), v) }) {
		fault("%v is none of %v", v, types)
	}
	switch v := v.(type) {
	case []any:
		if items, ok := schema["items"].(map[string]any); ok {
			for i, e := range v {
				faults = append(faults, validate(items, e, fmt.Sprintf("%s[%d]", at, i))...)
			}
		}
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, there := v[name.(string)]; !there {
				fault("%s is missing", name)
			}
		}
		for name, e := range v {
			if sub, ok := properties[name].(map[string]any); ok {
				faults = append(faults, validate(sub, e, at+"."+name)...)
			} else if schema["additionalProperties"] == false {
				fault("%s is not allowed", name)
			}
		}
	}
	return faults
}

func is(kind string, v any) bool {
	switch v := v.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	case json.Number:
		_, err := v.Int64()
		return kind == "number" || kind == "integer" && err == nil
	}
	return false
}
