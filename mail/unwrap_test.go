package mail

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestUnwrapTakesOutTheBreaksThatWrapMade(t *testing.T) {
	for _, c := range []struct{ sentence, text string }{
		{"a short line", "Hello,"},
		{"a long line", strings.Repeat("word ", 40) + "end"},
		{"Chinese", strings.Repeat("我们已审核您的请求，决定予以拒绝。", 8)},
		{"both", strings.Repeat("按照 GDPR Art. 12(4) 的规定，您可以向监管机构投诉。", 6)},
		{"an address longer than a line", "See https://privacy.example.com/" + strings.Repeat("long/", 20) + " for more of it"},
	} {
		got, foot := Unwrap(wrap(c.text) + "\n\n-- \nHarbour & Home\nPier 4\n")
		if !slices.Equal(got, []string{c.text}) || foot != "Harbour & Home\nPier 4" {
			t.Errorf("%s: %q and %q, want %q", c.sentence, got, foot, c.text)
		}
	}
	if got, _ := Unwrap("Reference: HB-1\nReceived: today\n\nOpen:\nhttps://x.example/y"); !slices.Equal(got, []string{"Reference: HB-1\nReceived: today", "Open:\nhttps://x.example/y"}) {
		t.Errorf("what ends early was joined: %q", got)
	}
}

// Of every letter that there is, no character is lost and no line of a table.
func TestUnwrapLosesNothingOfAnyLetter(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no letters: %v", err)
	}
	squeeze := strings.NewReplacer("\n", "", " ", "")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		body, foot := Unwrap(string(b))
		if got, want := squeeze.Replace(strings.Join(body, "")+"--"+foot), squeeze.Replace(string(b)); !strings.HasSuffix(want, got) {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}
