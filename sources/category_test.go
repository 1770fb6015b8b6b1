package sources_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

func TestEveryCategoryHasANameInEveryLanguage(t *testing.T) {
	for _, lang := range []string{"en", "zh-CN"} {
		b, err := os.ReadFile("../locale/words/categories." + lang + ".json")
		must(t, err)
		var words map[string]string
		must(t, json.Unmarshal(b, &words))
		for _, c := range sources.Categories {
			if words["category."+c] == "" {
				t.Errorf("%s has no name in %s", c, lang)
			}
		}
	}
	if !slices.IsSorted(sources.Categories) {
		t.Error("the taxonomy is not sorted")
	}
}

func TestEveryMaskOfAMapHides(t *testing.T) {
	for _, mask := range sources.Masks {
		for _, value := range []string{"x", "11010519491231002X", "Ann Example", "ann@example.com", "203.0.113.77", "1 Main St, Fresno, CA 93650"} {
			if got := rights.Mask(mask, value); got == value {
				t.Errorf("%s leaves %q as it is", mask, value)
			}
		}
	}
}
