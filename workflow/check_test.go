package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// program makes a token and returns the program that shows it.
func (h *house) program() (token string, by rights.Actor) {
	h.t.Helper()
	token, err := h.MakeAPIToken(h.t.Context(), h.colleague("root", rights.RoleAdmin), "newsletter engine", []string{workflow.ScopeCheck})
	h.must(err)
	by, err = h.Program(h.t.Context(), token, workflow.ScopeCheck)
	h.must(err)
	return token, by
}

// judged is what a program is told about somebody: purposes with why.
func (h *house) judged(by rights.Actor, who workflow.Whom, purposes ...string) string {
	h.t.Helper()
	verdicts, err := h.CheckConsents(h.t.Context(), by, who, purposes)
	h.must(err)
	var out []string
	for _, v := range verdicts {
		mark := "-"
		if v.Allowed {
			mark = "+"
		}
		out = append(out, mark+v.Purpose+" "+v.Because)
	}
	return strings.Join(out, ", ")
}

// raise raises a flag as the ledger has it, at once.
func (h *house) raise(subject string, kind rights.FlagKind, purpose string) {
	h.t.Helper()
	r := h.objection(rights.Actor{ID: subject, Role: rights.RoleSubject})
	h.must(h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
		return tx.InsertFlagEvent(rights.FlagEvent{ID: "flag " + subject + string(kind), Subject: subject, Request: r.ID, Kind: kind, Purpose: purpose, Raised: true, At: h.Now(), By: rights.System},
			rights.Entry{At: h.Now(), Actor: rights.System, Act: "flag.raised", Subject: subject})
	}))
}

func TestAProgramIsToldWhetherAPurposeMayBePursued(t *testing.T) {
	h := open(t)
	_, program := h.program()
	by := h.customer(ann)
	const none = "-newsletter not_given, -profiling not_given, +fraud lawful_basis"
	for _, c := range []struct {
		sentence string
		who      workflow.Whom
	}{
		{"of somebody who never chose", workflow.Whom{Email: ann}},
		{"of nobody known: the same", workflow.Whom{Email: nobody}},
		{"by a number", workflow.Whom{Number: "C-1001"}},
		{"by a number that is nobody's: the same", workflow.Whom{Number: "C-9999"}},
	} {
		if got := h.judged(program, c.who); got != none {
			t.Errorf("%s: %s", c.sentence, got)
		}
	}
	h.must(h.Consent(t.Context(), by, "newsletter", rights.Granted, "en"))
	for _, who := range []workflow.Whom{{Email: "ANN@example.com"}, {Number: "c1001"}} {
		if got := h.judged(program, who, "newsletter"); got != "+newsletter granted" {
			t.Errorf("%+v: %s", who, got)
		}
	}
	if got := h.judged(program, workflow.Whom{Email: bo}, "newsletter"); got != "-newsletter not_given" {
		t.Errorf("of somebody else: %s", got)
	}
	if got := h.judged(program, workflow.Whom{Email: ann}, "fraud", "newsletter"); got != "+fraud lawful_basis, +newsletter granted" {
		t.Errorf("in the order asked: %s", got)
	}
	h.raise(by.ID, rights.Objected, "fraud")
	if got := h.judged(program, workflow.Whom{Email: ann}); got != "+newsletter granted, -profiling not_given, -fraud objected" {
		t.Errorf("after an objection: %s", got)
	}
	h.raise(by.ID, rights.Restricted, "")
	if got := h.judged(program, workflow.Whom{Email: ann}); got != "-newsletter restricted, -profiling restricted, -fraud restricted" {
		t.Errorf("while restricted: %s", got)
	}
	h.clock.Advance(25 * 30 * 24 * time.Hour)
	if got := h.judged(program, workflow.Whom{Email: bo}, "newsletter"); got != "-newsletter not_given" {
		t.Errorf("two years later, of somebody else: %s", got)
	}
}

func TestOfTwoPeopleBehindOneAddressWhatEitherDoesNotWantIsNotDone(t *testing.T) {
	h := open(t)
	_, program := h.program()
	cleo, dario := h.chosen("C-1003"), h.chosen("C-1004")
	if cleo.ID == dario.ID {
		t.Fatal("the two are one")
	}
	h.must(h.Consent(t.Context(), cleo, "newsletter", rights.Granted, "en"))
	if got := h.judged(program, workflow.Whom{Email: pair}, "newsletter"); got != "-newsletter not_given" {
		t.Errorf("one of them consented: %s", got)
	}
	if got := h.judged(program, workflow.Whom{Number: "C-1003"}, "newsletter"); got != "+newsletter granted" {
		t.Errorf("of the one who did, by number: %s", got)
	}
	h.must(h.Consent(t.Context(), dario, "newsletter", rights.Granted, "en"))
	if got := h.judged(program, workflow.Whom{Email: pair}, "newsletter"); got != "+newsletter granted" {
		t.Errorf("both consented: %s", got)
	}
}

func TestWhatAProgramMayNotAsk(t *testing.T) {
	h := open(t)
	_, program := h.program()
	ask := func(by rights.Actor, who workflow.Whom, purposes ...string) error {
		_, err := h.CheckConsents(t.Context(), by, who, purposes)
		return err
	}
	for sentence, c := range map[string]struct {
		err  error
		want string
	}{
		"about nobody":              {ask(program, workflow.Whom{}), "api.error.who"},
		"about two":                 {ask(program, workflow.Whom{Email: ann, Number: "C-1001"}), "api.error.who"},
		"about no address":          {ask(program, workflow.Whom{Email: "ann"}), "api.error.email"},
		"about no number":           {ask(program, workflow.Whom{Number: " - "}), "api.error.number"},
		"for a purpose that is not": {ask(program, workflow.Whom{Email: ann}, "spying"), "api.error.purpose"},
		"for too many purposes":     {ask(program, workflow.Whom{Email: ann}, make([]string, 101)...), "api.error.many"},
	} {
		if got := fault(c.err); got != c.want {
			t.Errorf("%s: %v, want %s", sentence, c.err, c.want)
		}
	}
	for _, by := range []rights.Actor{h.customer(ann), h.officer(rights.RoleOfficer), {}} {
		if err := ask(by, workflow.Whom{Email: ann}); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("a %q asks as a program: %v", by.Role, err)
		}
	}
}

func TestATokenIsShownOnceAndEndsAtOnce(t *testing.T) {
	h := open(t)
	admin, officer := h.colleague("admin", rights.RoleAdmin), h.colleague("mei", rights.RoleOfficer)
	if _, err := h.MakeAPIToken(t.Context(), officer, "x", workflow.Scopes); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an officer makes a token: %v", err)
	}
	_, err := h.MakeAPIToken(t.Context(), admin, " ", nil)
	faulted(t, err, "name: tokens.error.name; scopes: tokens.error.scopes")
	_, err = h.MakeAPIToken(t.Context(), admin, "x", []string{"everything"})
	faulted(t, err, "scopes: tokens.error.scopes")
	token, program := h.program()
	if strings.Contains(h.everything(), token) || strings.Contains(h.everything(), token[10:30]) {
		t.Error("the token stands in the database")
	}
	for _, wrong := range []string{"", "habeas_", token + "x", token[:len(token)-1], strings.ToUpper(token), strings.TrimPrefix(token, "habeas_")} {
		if _, err := h.Program(t.Context(), wrong, workflow.ScopeCheck); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%q is taken for a token: %v", wrong, err)
		}
	}
	if _, err := h.Program(t.Context(), token, "requests:write"); !errors.Is(err, rights.ErrForbidden) {
		t.Errorf("for another scope: %v", err)
	}
	before := h.entries()
	for range 1000 {
		if _, err := h.Program(t.Context(), token, workflow.ScopeCheck); err != nil {
			t.Fatal(err)
		}
	}
	if h.entries() != before {
		t.Error("each call is an entry of its own")
	}
	_, err = h.CountCalls(t.Context())
	h.must(err)
	list, names, err := h.APITokens(t.Context(), admin)
	h.must(err)
	if len(list) != 1 || list[0].Uses != 1001 || names[list[0].By] != "root" || h.entries() != before+1 {
		t.Errorf("counted: %+v, %d entries", list, h.entries()-before)
	}
	h.must(h.RevokeAPIToken(t.Context(), admin, program.ID))
	if _, err := h.Program(t.Context(), token, workflow.ScopeCheck); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a revoked token: %v", err)
	}
	if err := h.RevokeAPIToken(t.Context(), admin, program.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("revoked twice: %v", err)
	}
	if err := h.RevokeAPIToken(t.Context(), admin, "never"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("one that is none: %v", err)
	}
}

func TestAProgramThatAsksTooOftenWaitsForTheNextMinute(t *testing.T) {
	h := open(t)
	token, _ := h.program()
	n, err := 1, error(nil)
	for ; err == nil && n < 70_000; n++ {
		_, err = h.Program(t.Context(), token, workflow.ScopeCheck)
	}
	var wait workflow.TooMany
	if !errors.As(err, &wait) || wait.Wait <= 0 || wait.Wait > time.Minute || n != 60_001 {
		t.Fatalf("after %d calls: %v", n, err)
	}
	h.clock.Advance(wait.Wait)
	if _, err := h.Program(t.Context(), token, workflow.ScopeCheck); err != nil {
		t.Errorf("in the next minute: %v", err)
	}
}
