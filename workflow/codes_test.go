package workflow_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// fault is the key of the first bad field of an error, "" where it is none.
func fault(err error) string {
	var list rights.FieldErrors
	if errors.As(err, &list) {
		return list[0].Key
	}
	return ""
}

// wrong is a code that is not this one.
func wrong(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return "9" + code[1:]
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		sentence string
		write    func(string) string
	}{
		{"plain", func(s string) string { return s }},
		{"in two groups", func(s string) string { return s[:4] + " " + s[4:] }},
		{"with hyphens", func(s string) string { return s[:2] + "-" + s[2:5] + "–" + s[5:] }},
		{"pasted with blanks and a line end", func(s string) string { return "  " + s + "\n" }},
		{"with a mark of no width", func(s string) string { return s[:4] + "\u200b" + s[4:] }},
		{"in full-width digits of a Chinese keyboard", func(s string) string {
			return strings.Map(func(r rune) rune { return r - '0' + '０' }, s)
		}},
		{"in full-width digits with an ideographic space", func(s string) string {
			wide := []rune(strings.Map(func(r rune) rune { return r - '0' + '０' }, s))
			return string(wide[:4]) + "　" + string(wide[4:])
		}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h.clock.Advance(24 * time.Hour)
			asked := h.ask(ann)
			if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, c.write(h.code(ann)), home); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatIsNoCodeCostsNoTry(t *testing.T) {
	h := open(t)
	asked := h.ask(ann)
	for _, typed := range []string{"", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨", "12345678; DROP", strings.Repeat("1", 10_000)} {
		if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, typed, home); fault(err) != "verify.error.format" {
			t.Errorf("%.20q: %v", typed, err)
		}
	}
	if n := h.count("", "code.wrong"); n != 0 {
		t.Errorf("%d tries counted", n)
	}
}

func TestAWrongCodeSaysHowManyTriesAreLeftAndTheFifthLocks(t *testing.T) {
	h := open(t)
	asked := h.ask(ann)
	code := h.code(ann)
	for left := 4; left >= 0; left-- {
		_, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, wrong(code), home)
		var list rights.FieldErrors
		if !errors.As(err, &list) {
			t.Fatal(err)
		}
		want := rights.FieldError{Field: "code", Key: "verify.error.wrong", Args: map[string]any{"Count": left}}
		if left == 0 {
			want = rights.FieldError{Field: "code", Key: "verify.error.locked"}
		}
		if got := fmt.Sprint(list[0].Key, list[0].Args); got != fmt.Sprint(want.Key, want.Args) {
			t.Errorf("with %d left: %s", left, got)
		}
	}
	if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, code, home); fault(err) != "verify.error.locked" {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	if p, err := h.Pending(t.Context(), asked.Challenge, asked.Browser); err != nil || p.State != workflow.CodeLocked {
		t.Errorf("it stands at %q, %v", p.State, err)
	}
	if _, err := h.EnterByLink(t.Context(), h.link(ann), home); err != nil {
		t.Errorf("the owner by the link of the same letter: %v", err)
	}
}

func TestACodeLivesTenMinutes(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		sentence string
		after    time.Duration
		want     error
	}{
		{"a moment before its end it works", 10*time.Minute - time.Millisecond, nil},
		{"at ten minutes it is gone", 10 * time.Minute, rights.ErrGone},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h.clock.Advance(24 * time.Hour)
			asked := h.ask(ann)
			code := h.code(ann)
			h.clock.Advance(c.after)
			if c.want != nil {
				if p, err := h.Pending(t.Context(), asked.Challenge, asked.Browser); err != nil || p.State != workflow.CodeExpired {
					t.Errorf("it stands at %q, %v", p.State, err)
				}
			}
			if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, code, home); !errors.Is(err, c.want) {
				t.Error(err)
			}
		})
	}
}

func TestALinkLivesADayAndProvesAsMuchAsItIsYoung(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		sentence string
		after    time.Duration
		want     error
		fresh    bool
	}{
		{"at once it is as good as the code", 0, nil, true},
		{"after ten minutes it signs in, and lets nothing out", 10 * time.Minute, nil, false},
		{"a moment before a day is over it signs in", 24*time.Hour - time.Millisecond, nil, false},
		{"after a day it is gone", 24 * time.Hour, rights.ErrGone, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h.clock.Advance(48 * time.Hour)
			h.ask(ann)
			link := h.link(ann)
			h.clock.Advance(c.after)
			in, err := h.EnterByLink(t.Context(), link, home)
			if !errors.Is(err, c.want) || h.SteppedUp(in.Session) != c.fresh {
				t.Errorf("%v, fresh %v", err, h.SteppedUp(in.Session))
			}
		})
	}
}

func TestStrangersWhoAskAndGuessDoNotStarveASignedInOwner(t *testing.T) {
	h := open(t)
	owner := h.customer(ann)
	for i := range 40 {
		asked, err := h.AskCode(t.Context(), ann, from(fmt.Sprintf("198.51.100.%d", i)))
		if err == nil {
			_, _ = h.Enter(t.Context(), asked.Challenge, asked.Browser, "00000000", from(fmt.Sprintf("203.0.113.%d", i)))
		}
		h.clock.Advance(10 * time.Second)
	}
	h.deliver()
	asked, err := h.AskStepUp(t.Context(), owner, workflow.ActExport, home)
	h.must(err)
	if _, err := h.StepUp(t.Context(), owner, asked.Challenge, asked.Browser, h.code(ann), home); err != nil {
		t.Errorf("the owner's own proof: %v", err)
	}
}

func TestACodeWorksOnceInTheBrowserThatAskedForIt(t *testing.T) {
	h := open(t)
	asked := h.ask(ann)
	code := h.code(ann)
	other := h.ask(bo)
	for _, c := range []struct{ sentence, challenge, browser string }{
		{"another browser", asked.Challenge, other.Browser},
		{"no browser", asked.Challenge, ""},
		{"a browser of the guesser's own making", asked.Challenge, strings.Repeat("A", 43)},
		{"another's challenge", other.Challenge, asked.Browser},
		{"no challenge", "", asked.Browser},
		{"a challenge that never was", strings.Repeat("0", 32), asked.Browser},
	} {
		if _, err := h.Enter(t.Context(), c.challenge, c.browser, code, home); !errors.Is(err, rights.ErrGone) {
			t.Errorf("%s: %v", c.sentence, err)
		}
		if _, err := h.Pending(t.Context(), c.challenge, c.browser); !errors.Is(err, rights.ErrGone) {
			t.Errorf("%s learns of it: %v", c.sentence, err)
		}
		if _, err := h.AskAgain(t.Context(), c.challenge, c.browser, home); !errors.Is(err, rights.ErrGone) {
			t.Errorf("%s has another sent: %v", c.sentence, err)
		}
	}
	if n := h.count("", "code.wrong"); n != 0 {
		t.Errorf("%d of those used up tries of the owner", n)
	}
	if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, code, home); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, code, home); !errors.Is(err, rights.ErrGone) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := h.EnterByLink(t.Context(), h.link(ann), home); !errors.Is(err, rights.ErrGone) {
		t.Errorf("the link of a used code: %v", err)
	}
}

func TestTheLinkWorksInAnyBrowserOnceAndLookingUsesNothing(t *testing.T) {
	h := open(t)
	h.ask(ann)
	link := h.link(ann)
	for range 5 { // scanners of mail fetch every link, some more than once
		if err := h.Link(t.Context(), link); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.EnterByLink(t.Context(), link, from("198.51.100.7")); err != nil {
		t.Fatal(err)
	}
	for _, again := range []func() error{
		func() error { return h.Link(t.Context(), link) },
		func() error { _, err := h.EnterByLink(t.Context(), link, home); return err },
		func() error { _, err := h.EnterByLink(t.Context(), "AAAAAAAAAAAAAAAAAAAAAA", home); return err },
	} {
		if err := again(); !errors.Is(err, rights.ErrGone) {
			t.Error(err)
		}
	}
}

func TestANewCodeClosesTheOldOneOfThatBrowserAndOfNoOther(t *testing.T) {
	h := open(t)
	first := h.ask(ann)
	old := h.code(ann)
	h.clock.Advance(time.Second)
	elsewhere := h.ask(ann)
	there := h.code(ann)
	h.clock.Advance(time.Second)
	second, err := h.AskAgain(t.Context(), first.Challenge, first.Browser, home)
	h.must(err)
	if second.Mailbox != ann || second.Browser != first.Browser || second.Challenge == first.Challenge {
		t.Errorf("asked again: %+v", second)
	}
	if _, err := h.Enter(t.Context(), first.Challenge, first.Browser, old, home); !errors.Is(err, rights.ErrGone) {
		t.Errorf("the old code: %v", err)
	}
	if _, err := h.Enter(t.Context(), second.Challenge, second.Browser, h.code(ann), home); err != nil {
		t.Errorf("the new code: %v", err)
	}
	if _, err := h.Enter(t.Context(), elsewhere.Challenge, elsewhere.Browser, there, home); err != nil {
		t.Errorf("the code of another browser: %v", err)
	}
}

// stretch is the most of some instants that lie within any stretch of that length.
func stretch(at []time.Time, length time.Duration) (most int) {
	for i := range at {
		n := 0
		for _, later := range at[i:] {
			if later.Sub(at[i]) < length {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestAFloodOfAsksForOneVictimIsAFewLettersAndTheOwnerGetsIn(t *testing.T) {
	for _, c := range []struct {
		sentence string
		asks     int
		every    time.Duration
	}{
		{"a thousand at once", 1000, 0},
		{"two hundred over a quarter of an hour", 200, 4500 * time.Millisecond},
		{"every seven minutes for a day and a half", 300, 7 * time.Minute},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			var sent []time.Time
			for i := range c.asks {
				_, err := h.AskCode(t.Context(), ann, from(fmt.Sprintf("203.0.%d.%d", 113+i/200, i%200)))
				switch {
				case err == nil:
					sent = append(sent, h.clock.now)
					h.deliver()
				case !errors.Is(err, rights.ErrTooMany):
					t.Fatal(err)
				}
				h.clock.Advance(c.every)
			}
			if len(sent) < 3 || len(h.letters(ann)) != len(sent) {
				t.Errorf("%d asks were granted, %d letters went out", len(sent), len(h.letters(ann)))
			}
			if n := stretch(sent, 15*time.Minute); n > 3 {
				t.Errorf("%d letters in fifteen minutes", n)
			}
			if n := stretch(sent, 24*time.Hour); n > 10 {
				t.Errorf("%d letters in a day", n)
			}
			if h.clock.now.Sub(sent[len(sent)-1]) >= 10*time.Minute {
				h.clock.Advance(24 * time.Hour)
				h.ask(ann)
			}
			if _, err := h.EnterByLink(t.Context(), h.link(ann), home); err != nil {
				t.Errorf("the owner, by the link that the flood itself brought: %v", err)
			}
			if _, err := h.AskCode(t.Context(), bo, home); err != nil {
				t.Errorf("somebody else: %v", err)
			}
		})
	}
}

func TestARefusedAskSaysWhenToComeBack(t *testing.T) {
	h := open(t)
	for range 3 {
		h.ask(ann)
	}
	h.clock.Advance(5 * time.Minute)
	_, err := h.AskCode(t.Context(), ann, home)
	var tooMany workflow.TooMany
	if !errors.As(err, &tooMany) || tooMany.Wait != 10*time.Minute {
		t.Fatalf("%v", err)
	}
	h.clock.Advance(tooMany.Wait)
	h.ask(ann)
}

func TestGuessingFromAThousandAddressesIsEvaluatedTwentyTimesADayAtMost(t *testing.T) {
	for _, c := range []struct {
		sentence string
		guesses  int
		every    time.Duration
	}{
		{"a thousand at once", 1000, 0},
		{"every four minutes of a day", 360, 4 * time.Minute},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			var asked workflow.Asked
			var evaluated []time.Time
			for i := range c.guesses {
				v := from(fmt.Sprintf("2001:db8:%x::/64", i))
				if i%5 == 0 { // five tries have locked the last one
					if again, err := h.AskCode(t.Context(), ann, v); err == nil {
						asked = again
					}
				}
				if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, fmt.Sprintf("%08d", i), v); err == nil {
					t.Fatal("a guess was right: that happens once in five million runs; run it again")
				}
				h.clock.Advance(c.every)
			}
			rows, err := h.Store.EntriesOf(t.Context(), "", []string{"code.wrong"}, 0, 1000)
			h.must(err)
			for _, row := range slices.Backward(rows) {
				evaluated = append(evaluated, row.At)
			}
			if n := stretch(evaluated, 24*time.Hour); n > 20 || n < 5 {
				t.Errorf("%d guesses were evaluated in a day", n)
			}
		})
	}
}

func TestFiveHundredGuessesAtOnceAreFiveEvaluated(t *testing.T) {
	h := open(t)
	asked := h.ask(ann)
	bad := wrong(h.code(ann))
	var in atomic.Int32
	var all sync.WaitGroup
	for i := range 500 {
		all.Go(func() {
			_, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, bad, from(fmt.Sprint("net ", i)))
			if err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if n := h.count("", "code.wrong"); in.Load() != 0 || n != 5 {
		t.Errorf("%d got in, %d guesses were evaluated", in.Load(), n)
	}
}

func TestTheRightCodeAHundredTimesAtOnceIsOneSession(t *testing.T) {
	h := open(t)
	asked := h.ask(ann)
	code := h.code(ann)
	var in atomic.Int32
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, code, from(fmt.Sprint("net ", i))); err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("%d sessions of one code", in.Load())
	}
}

func TestARestartForgivesNothing(t *testing.T) {
	h := open(t)
	asked := h.ask(ann)
	code := h.code(ann)
	h.ask(ann)
	h.ask(ann)
	for range 4 {
		if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, wrong(code), home); fault(err) != "verify.error.wrong" {
			t.Fatal(err)
		}
	}
	h.restart()
	if _, err := h.AskCode(t.Context(), ann, from("198.51.100.9")); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("a fourth letter after a restart: %v", err)
	}
	if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, wrong(code), home); fault(err) != "verify.error.locked" {
		t.Errorf("a fifth wrong code after a restart: %v", err)
	}
	if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, code, home); fault(err) != "verify.error.locked" {
		t.Errorf("the right one: %v", err)
	}
}

func TestKnownAndUnknownMailboxesGetTheSameLetter(t *testing.T) {
	h := open(t)
	same := func(address string) string {
		h.ask(address)
		l := h.letter(address)
		text := l.Subject + l.Text + l.HTML + fmt.Sprint(l.Headers["Subject"], l.Headers["From"], l.Headers["Reply-To"], l.Headers["Auto-Submitted"])
		code := h.code(address)
		return strings.NewReplacer(code, "CODE", code[:4]+" "+code[4:], "CODE", h.link(address), "LINK", address, "ADDRESS").Replace(text)
	}
	known := same(ann)
	for _, other := range []string{nobody, pair, "officer@shop.example"} {
		if got := same(other); got != known {
			t.Errorf("the letter to %s differs", other)
		}
	}
	if asked, sent := h.count("", "code.asked"), h.count("", "letter.sent"); asked != 4 || sent != 4 || h.entries() != 8 {
		t.Errorf("four asks left %d entries, %d and %d of their kind: something was looked up", h.entries(), asked, sent)
	}
}
