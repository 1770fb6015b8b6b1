package rights

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func refs(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	var out []string
	for range n {
		b := make([]byte, 5)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		out = append(out, NewRef(b))
	}
	return out
}

func TestAReferenceReadsAsPeopleTypeIt(t *testing.T) {
	for _, ref := range refs(500) {
		bare := strings.ReplaceAll(strings.TrimPrefix(ref, "HB"), "-", "")
		for _, typed := range []string{
			ref, strings.ToLower(ref), " " + ref + "\n", bare, ref[3:], strings.ReplaceAll(ref, "-", " "),
			strings.ReplaceAll(bare, "0", "O"), strings.ReplaceAll(bare, "1", "l"), strings.ReplaceAll(bare, "1", "I"),
		} {
			if got, ok := ParseRef(typed); !ok || got != ref {
				t.Errorf("%q read as %q, %t; want %s", typed, got, ok, ref)
			}
		}
	}
}

func TestEverySingleWrongCharacterIsCaught(t *testing.T) {
	for _, ref := range refs(200) {
		for i := 3; i < len(ref); i++ {
			if ref[i] == '-' {
				continue
			}
			for _, c := range []byte(crockford) {
				wrong := ref[:i] + string(c) + ref[i+1:]
				if got, ok := ParseRef(wrong); ok && wrong != ref {
					t.Fatalf("%s passes for %s as %s", wrong, ref, got)
				}
			}
		}
	}
}

func TestMostSwappedNeighboursAreCaught(t *testing.T) {
	swaps, missed := 0, 0
	for _, ref := range refs(500) {
		s := []byte(strings.ReplaceAll(ref[3:], "-", ""))
		for i := range len(s) - 1 {
			if s[i] == s[i+1] {
				continue
			}
			swapped := []byte(string(s))
			swapped[i], swapped[i+1] = s[i+1], s[i]
			swaps++
			if _, ok := ParseRef(string(swapped)); ok {
				missed++
			}
		}
	}
	if missed*10 > swaps {
		t.Errorf("%d of %d swaps pass", missed, swaps)
	}
}

func TestWhatIsNoReference(t *testing.T) {
	for _, s := range []string{"", "HB", "HB-", "HB-7Q4K", "HB-7Q4K-9TXMA", "HB-UUUU-UUUU", "HB-7Q4K-9TX!", "７Q4K9TXM"} {
		if got, ok := ParseRef(s); ok {
			t.Errorf("%q reads as %s", s, got)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	for _, s := range append(refs(3), "", "HBHB", "hb o1l", "\x00\xff") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, ok := ParseRef(s)
		if !ok {
			if ref != "" {
				t.Fatalf("%q is refused and yet read as %q", s, ref)
			}
			return
		}
		if again, ok := ParseRef(ref); !ok || again != ref || len(ref) != 12 {
			t.Fatalf("%q reads as %q, which reads as %q", s, ref, again)
		}
	})
}
