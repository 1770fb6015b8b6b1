package sheet_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"habeas/sheet"
)

func TestTheDocumentationListsThePresets(t *testing.T) {
	text, err := os.ReadFile("../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range sheet.Presets {
		want := []string{"### `" + p.Name + "`: " + p.Of + "\n\nChecked: " + p.Checked + ".\n"}
		for field, columns := range p.Fields {
			want = append(want, "| `"+field+"` | "+strings.Join(columns, ", ")+" |\n")
		}
		for _, w := range want {
			if !strings.Contains(string(text)+"\n", w) {
				t.Errorf("docs/import.md lacks %q", w)
			}
		}
	}
}

func TestNoColumnOfAPresetIsTwoFields(t *testing.T) {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	field := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	names := map[string]bool{}
	for _, p := range sheet.Presets {
		if got, ok := sheet.PresetNamed(p.Name); !ok || got.Of != p.Of || names[p.Name] || p.Of == "" || p.Checked == "" {
			t.Errorf("%s is twice, or does not say what it is", p.Name)
		}
		names[p.Name] = true
		of := map[string]string{}
		for f, columns := range p.Fields {
			if !field.MatchString(f) || len(columns) == 0 {
				t.Errorf("%s: field %q with %d columns", p.Name, f, len(columns))
			}
			for _, c := range append([]string{f}, columns...) {
				if other, taken := of[plain(c)]; taken && other != f {
					t.Errorf("%s: column %s is %s and %s", p.Name, c, other, f)
				}
				of[plain(c)] = f
			}
		}
		for _, must := range []string{"id", "name"} {
			if len(p.Fields[must]) == 0 {
				t.Errorf("%s has no %s", p.Name, must)
			}
		}
		if len(p.Columns()) < 15 {
			t.Errorf("%s has %d columns", p.Name, len(p.Columns()))
		}
	}
	for _, want := range []string{"salesforce", "zoho", "jiandaoyun", "yonyou-u8", "yonyou-yonsuite", "kingdee"} {
		if !strings.Contains(strings.Join(sheet.PresetNames(), " "), want) {
			t.Errorf("there is no preset of %s", want)
		}
	}
	if _, ok := sheet.PresetNamed("none"); ok {
		t.Error("a preset that is not there is found")
	}
}
