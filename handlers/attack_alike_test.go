package handlers_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Who is a customer is a secret: neither what is answered nor how long it takes tells (security.md 3).

func TestKnownAndUnknownAddressesAreAnsweredAlike(t *testing.T) {
	s := newPortal(t)
	shape := func(address string) string {
		b := s.browser()
		asked := b.post("/", "email", address)
		out := fmt.Sprintln(asked.StatusCode, asked.Body)
		for _, name := range slices.Sorted(maps.Keys(asked.Header)) {
			for _, value := range asked.Header[name] {
				if name == "Set-Cookie" {
					_, cookie, _ := strings.Cut(value, "=")
					token, rest, _ := strings.Cut(cookie, ";")
					value = fmt.Sprint(len(token), rest)
				}
				out += name + ": " + value + "\n"
			}
		}
		page := b.get("/verify")
		wrong := b.post("/verify", "code", "00000000")
		s.letter(address)
		return out + page.Body + fmt.Sprint(wrong.StatusCode) + wrong.Body
	}
	known := shape(marta)
	for _, other := range []string{"merta@example.org", "mxxxa@example.org"} {
		if got := shape(other); got != known {
			t.Errorf("%s is answered in another way: %s", other, got)
		}
	}
}

// TestKnownAndUnknownAddressesTakeTheSameTime asks for codes for both by turns and compares the means by Welch's t. A
// machine that is busy with something else can make one round differ; three in a row it does not.
func TestKnownAndUnknownAddressesTakeTheSameTime(t *testing.T) {
	const pairs = 250
	s := newPortal(t)
	var rows []string
	for i := range 3 * pairs {
		rows = append(rows, fmt.Sprintf("(%d, 'K-%d', 'known%04d@example.org', 'Known', '', '', '')", 1000+i, i, i))
	}
	s.execute("INSERT INTO customers VALUES " + strings.Join(rows, ", "))
	ask := func(address string) float64 {
		b := s.browser()
		b.peer = fmt.Sprintf("10.%d.%d.%d:1", rand.IntN(250), rand.IntN(250), rand.IntN(250))
		s.clock.Advance(5 * time.Second)
		began := time.Now()
		b.post("/", "email", address).wantAt(t, "/verify")
		return float64(time.Since(began))
	}
	for i := range 50 {
		ask(fmt.Sprintf("warm%04d@example.org", i))
	}
	var ts []float64
	for round := range 3 {
		var known, unknown []float64
		for i := range pairs {
			n := round*pairs + i
			if first := rand.IntN(2) == 0; first {
				known = append(known, ask(fmt.Sprintf("known%04d@example.org", n)))
				unknown = append(unknown, ask(fmt.Sprintf("other%04d@example.org", n)))
			} else {
				unknown = append(unknown, ask(fmt.Sprintf("other%04d@example.org", n)))
				known = append(known, ask(fmt.Sprintf("known%04d@example.org", n)))
			}
		}
		value := welch(known, unknown)
		if math.Abs(value) < 4.5 {
			return
		}
		ts = append(ts, value)
	}
	t.Errorf("known and unknown addresses differ in time: t = %.1f", ts)
}

// welch is Welch's t of two samples, without the tenth of each that took longest: what the machine did meanwhile.
func welch(a, b []float64) float64 {
	mean := func(x []float64) (m, v float64) {
		slices.Sort(x)
		x = x[:len(x)*9/10]
		for _, y := range x {
			m += y / float64(len(x))
		}
		for _, y := range x {
			v += (y - m) * (y - m) / float64(len(x)-1)
		}
		return m, v / float64(len(x))
	}
	ma, va := mean(a)
	mb, vb := mean(b)
	return (ma - mb) / math.Sqrt(va+vb)
}
