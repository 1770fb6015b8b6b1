package workflow_test

import (
	"errors"
	"strings"
	"testing"

	"habeas/mail"
	"habeas/rights"
	"habeas/workflow"
)

// flat is text without its line breaks.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// parts are what the two halves of a draft say.
func parts(blocks []workflow.LetterBlock) (out []string) {
	for _, b := range blocks {
		for _, text := range append([]string{b.Text, b.URL}, rowsOf(b)...) {
			if text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

func rowsOf(b workflow.LetterBlock) (out []string) {
	for _, r := range b.Rows {
		out = append(out, r.Label, r.Value)
	}
	return out
}

// Nothing is sent before; what is sent then is what was shown, with the officer's words where they stood.
func TestWhatAnOfficerReadsBeforeIsWhatIsSent(t *testing.T) {
	for _, row := range []struct {
		sentence, regime string
		right            rights.Right
		act              workflow.StatutoryAct
		ground           string
		do               func(h *house, by rights.Actor, r rights.Request, words string) error
		law              string // that one part is wanted by
	}{
		{"asking", "uk_gdpr", rights.Access, workflow.ActAsk, rights.ForIdentity, func(h *house, by rights.Actor, r rights.Request, words string) error {
			return h.Ask(h.t.Context(), by, r.Ref, r.Version, rights.ForIdentity, words)
		}, "UK GDPR Art. 12A; twin text DPA 2018 s. 54(3)"},
		{"asking where nothing stops the clock", "ccpa", rights.Access, workflow.ActAsk, rights.ForClarification, func(h *house, by rights.Actor, r rights.Request, words string) error {
			return h.Ask(h.t.Context(), by, r.Ref, r.Version, rights.ForClarification, words)
		}, "11 CCR 7021(b); Cal. Civ. Code 1798.130(a)(2)(A)"},
		{"extending", "eu_gdpr", rights.Access, workflow.ActExtend, "", func(h *house, by rights.Actor, r rights.Request, words string) error {
			return h.Extend(h.t.Context(), by, r.Ref, r.Version, words)
		}, "GDPR Art. 12(3); Reg. 1182/71 Art. 3(2)(c), (4)"},
		{"fulfilling", "eu_gdpr", rights.Objection, workflow.ActFulfil, "", func(h *house, by rights.Actor, r rights.Request, words string) error {
			return h.Fulfil(h.t.Context(), by, r.Ref, r.Version, words)
		}, ""},
		{"refusing", "cn_pipl", rights.Objection, workflow.ActRefuse, "legal_obligation", func(h *house, by rights.Actor, r rights.Request, words string) error {
			return h.Refuse(h.t.Context(), by, r.Ref, r.Version, "legal_obligation", words)
		}, "PIPL Art. 50, 65"},
		{"refusing in part", "eu_gdpr", rights.Objection, workflow.ActPartly, "legal_claims", func(h *house, by rights.Actor, r rights.Request, words string) error {
			return h.FulfilInPart(h.t.Context(), by, r.Ref, r.Version, "legal_claims", words)
		}, "GDPR Art. 12(4)"},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			h := open(t)
			_, r := h.underLaw(row.right, row.regime)
			officer := h.officer(rights.RoleOfficer)
			f, err := h.Folder(t.Context(), officer, r.Ref, "en")
			h.must(err)
			before := len(h.letters(ann))
			d, err := h.Draft(t.Context(), officer, f, row.act, row.ground, "")
			h.must(err)
			if len(h.letters(ann)) != before || h.reread(r).Version != 1 {
				t.Fatal("reading it has done something")
			}
			const words = "What the officer wrote."
			h.must(row.do(h, officer, r, words))
			sent := h.letter(ann)
			if sent.Subject != d.Subject {
				t.Errorf("subject %q, shown was %q", sent.Subject, d.Subject)
			}
			rest, laws := flat(sent.Text), map[string]bool{"": true}
			for _, piece := range append(append(append([]string{d.Title, d.Hello}, parts(d.Above)...), words), append(parts(d.Below), d.Sign)...) {
				_, after, found := strings.Cut(rest, flat(piece))
				if !found {
					t.Fatalf("%q was shown and is not in its place: %s", piece, sent.Text)
				}
				rest = after
			}
			for _, b := range append(append([]workflow.LetterBlock{}, d.Above...), d.Below...) {
				laws[b.Law] = true
			}
			if !laws[row.law] {
				t.Errorf("no part is marked as wanted by %s: %v", row.law, laws)
			}
		})
	}
}

func TestALetterIsReadInTheOfficersLanguageAndGoesOutInThePersons(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Objection, Regime: "cn_pipl", Text: "不要再发广告。", Language: "zh-CN"})
	h.must(err)
	h.deliver()
	officer := h.officer(rights.RoleOfficer)
	f, err := h.Folder(t.Context(), officer, r.Ref, "en")
	h.must(err)
	own, err := h.Draft(t.Context(), officer, f, workflow.ActRefuse, "legal_obligation", "")
	h.must(err)
	read, err := h.Draft(t.Context(), officer, f, workflow.ActRefuse, "legal_obligation", "en")
	h.must(err)
	says(t, own.Title+strings.Join(parts(own.Above), ""), "我们", "法定义务")
	says(t, read.Title+strings.Join(parts(read.Above), ""), "We cannot do what you asked", "The law obliges us")
	if own.Words != read.Words || !strings.Contains(own.Words, r.Ref) || !strings.Contains(own.Words, "编号") {
		t.Errorf("its words begin %q and %q", own.Words, read.Words)
	}
	h.must(h.Refuse(t.Context(), officer, r.Ref, 1, "legal_obligation", own.Words))
	if l := h.letter(ann); l.Subject != own.Subject {
		t.Errorf("it went out as %q", l.Subject)
	}
}

func TestADraftOfWhatCannotBeDoneSaysWhy(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Objection, "eu_gdpr")
	officer := h.officer(rights.RoleOfficer)
	f, err := h.Folder(t.Context(), officer, r.Ref, "en")
	h.must(err)
	for _, row := range []struct {
		sentence string
		act      workflow.StatutoryAct
		ground   string
		want     func(error) bool
	}{
		{"no ground", workflow.ActRefuse, "", func(err error) bool { return fault(err) == "desk.error.ground" }},
		{"nothing to ask for", workflow.ActAsk, "legal_claims", func(err error) bool { return fault(err) == "act.error.why" }},
		{"a correction where there is none", workflow.ActAccept, "", func(err error) bool { return errors.Is(err, rights.ErrConflict) }},
		{"opening again what is open", workflow.ActReopen, "", func(err error) bool { return errors.Is(err, rights.ErrConflict) }},
		{"an act of nobody's", "burn", "", func(err error) bool { return errors.Is(err, rights.ErrConflict) }},
	} {
		if _, err := h.Draft(t.Context(), officer, f, row.act, row.ground, ""); !row.want(err) {
			t.Errorf("%s: %v", row.sentence, err)
		}
	}
}

func TestTheWordsOfALetterBeginWithTheHousesTemplate(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr")
	officer, approver := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover)
	begins := func(act workflow.StatutoryAct, ground string) string {
		t.Helper()
		f, err := h.Folder(t.Context(), officer, r.Ref, "en")
		h.must(err)
		d, err := h.Draft(t.Context(), officer, f, act, ground, "")
		h.must(err)
		return d.Words
	}
	if got := begins(workflow.ActExtend, ""); got != "" {
		t.Errorf("an extension begins with reasons that nobody gave: %q", got)
	}
	if got, built := begins(workflow.ActFulfil, ""), "23 November 2026"; !strings.Contains(got, built) {
		t.Errorf("what is built in begins %q", got)
	}
	h.must(h.SaveTemplate(t.Context(), approver, mail.KindExtended, "en", 0, "Until {{due}} we look for {{right}}, {{ref}}."))
	if got, want := begins(workflow.ActExtend, ""), "Until 23 February 2027 we look for Access to your data, "+r.Ref+"."; got != want {
		t.Errorf("begins %q, want %q", got, want)
	}
	h.must(h.SaveTemplate(t.Context(), approver, mail.KindExtended, "zh-CN", 0, "别的语言"))
	h.must(h.RestoreTemplate(t.Context(), approver, mail.KindExtended, "en", 1))
	if got := begins(workflow.ActExtend, ""); got != "" {
		t.Errorf("back to the built-in words: %q", got)
	}
}
