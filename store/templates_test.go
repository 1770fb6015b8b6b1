package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func TestEveryVersionOfATemplateIsKept(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	add := func(version int, text string, builtIn bool) error {
		return s.Write(bg, func(tx *store.Tx) error {
			return tx.InsertTemplate(store.Template{
				Kind: "refused", Language: "en", Version: version, Text: text, BuiltIn: builtIn, At: noon.Add(time.Duration(version) * time.Hour), By: "ona",
			}, why("template.saved"))
		})
	}
	check(t, add(1, "First", false))
	check(t, add(2, "", false)) // no words at all is a choice
	check(t, add(3, "", true))  // and another one than the built-in words
	for _, row := range []struct {
		sentence string
		version  int
	}{{"a version that there is", 3}, {"an old one", 1}, {"one too far ahead", 5}, {"none", 0}} {
		if err := add(row.version, "Lost", false); !errors.Is(err, rights.ErrConflict) {
			t.Errorf("%s: %v", row.sentence, err)
		}
	}
	versions, err := s.TemplateVersions(bg, "refused", "en", 10)
	check(t, err)
	var got []store.Template
	for _, v := range versions {
		got = append(got, store.Template{Version: v.Version, Text: v.Text, BuiltIn: v.BuiltIn})
	}
	if want := []store.Template{{Version: 3, BuiltIn: true}, {Version: 2}, {Version: 1, Text: "First"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("versions %+v, want %+v", got, want)
	}
	if newest, err := s.TemplateVersions(bg, "refused", "en", 1); err != nil || len(newest) != 1 || newest[0].Version != 3 {
		t.Errorf("the newest: %+v, %v", newest, err)
	}
	if other, err := s.TemplateVersions(bg, "refused", "zh-CN", 10); err != nil || len(other) != 0 {
		t.Errorf("another language: %+v, %v", other, err)
	}
	inUse, err := s.Templates(bg)
	check(t, err)
	if len(inUse) != 1 || inUse[0].Version != 3 || inUse[0].By != "ona" || !inUse[0].At.Equal(noon.Add(3*time.Hour)) {
		t.Errorf("in use: %+v", inUse)
	}
	for _, query := range []string{"UPDATE letter_templates SET text = 'forged'", "DELETE FROM letter_templates"} {
		if _, err := raw(t, dir).Exec(query); err == nil {
			t.Errorf("%s: done", query)
		}
	}
}

func TestATemplateAndItsEntryAreOne(t *testing.T) {
	s := open(t)
	boom := errors.New("boom")
	template := store.Template{Kind: "refused", Language: "en", Version: 1, Text: "Words", At: noon, By: "ona"}
	if err := s.Write(bg, func(tx *store.Tx) error {
		check(t, tx.InsertTemplate(template, why("template.saved")))
		return boom
	}); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	write(t, s, func(tx *store.Tx) error { return tx.InsertTemplate(template, why("template.saved")) })
	r, err := s.VerifyAudit(bg)
	check(t, err)
	if inUse, err := s.Templates(bg); err != nil || len(inUse) != 1 || r.Entries != 1 {
		t.Errorf("%d templates, %d entries, %v", len(inUse), r.Entries, err)
	}
}
