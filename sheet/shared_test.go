package sheet

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

func TestSharedTextsOfAnySizeComeBackAndStandNowhereInClear(t *testing.T) {
	dir := t.TempDir()
	for _, limit := range []int{1 << 20, 100, 1} {
		s := newStrings(dir)
		s.limit = limit
		for i := range 500 {
			if err := s.add(fmt.Appendf(nil, "text %d%s", i, bytes.Repeat([]byte("x"), i%23))); err != nil {
				t.Fatal(err)
			}
		}
		for _, i := range []int{0, 1, 499, 250, 7, 0} {
			want := fmt.Sprintf("text %d%s", i, bytes.Repeat([]byte("x"), i%23))
			if got, err := s.get(i); err != nil || got != want {
				t.Errorf("limit %d: text %d is %q, %v", limit, i, got, err)
			}
		}
		if _, err := s.get(500); err == nil {
			t.Error("a text that is not there was read")
		}
		if s.data != nil {
			b := make([]byte, 1000)
			if _, err := s.data.ReadAt(b, 0); err != nil || bytes.Contains(b, []byte("text")) {
				t.Errorf("the file holds clear text, %v", err)
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%d files have a name, %v", len(left), err)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}
