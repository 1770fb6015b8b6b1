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

const because = "she read both numbers to me on the phone"

// allOf is all that the pages of a person say, and the copy of their data, as one text.
func (h *house) allOf(by rights.Actor) string {
	h.t.Helper()
	ctx := h.t.Context()
	var b strings.Builder
	b.WriteString(h.sees(by))
	list, _, err := h.Requests(ctx, by, "", 100)
	h.must(err)
	for _, r := range list {
		d, err := h.Portal.Request(ctx, by, r.Ref)
		h.must(err)
		b.WriteString(r.Ref + "\n")
		for _, m := range d.Messages {
			b.WriteString(m.Body + "\n")
		}
	}
	for _, e := range h.ledger(by) {
		b.WriteString(e.Purpose + " " + string(e.Choice) + "\n")
	}
	looks, err := h.Activity(ctx, by, 0, 1000)
	h.must(err)
	for _, l := range looks {
		b.WriteString(l.Act + " " + l.Subject + "\n")
	}
	copied := h.exported(by)
	h.build()
	b.WriteString(h.download(by, copied.Ref))
	return b.String()
}

// said files an objection in these words.
func (h *house) said(by rights.Actor, words string) rights.Request {
	h.t.Helper()
	r, err := h.Submit(h.t.Context(), by, workflow.Ask{Right: rights.Objection, Text: words, Language: "en"})
	h.must(err)
	return r
}

// Two customers behind one mailbox are never merged unless an officer says so (security.md 4): no byte of the one in the
// pages of the other before, nor after it was taken back.
func TestNoByteOfOneOfTwoBehindAMailboxReachesTheOtherUnlessAnOfficerDecides(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	dario := h.chosen("C-1004")
	his := h.said(dario, "Words of his alone")
	h.must(h.Consent(t.Context(), dario, "profiling", rights.Granted, "en"))
	cleo := h.chosen("C-1003")
	hers := h.said(cleo, "Words of hers alone")
	ofDario := []string{"Dario", "C-1004", "5550104", "00185", "Order-Dario", his.Ref, "of his alone", "profiling granted", dario.ID}
	apart := func(when string) {
		t.Helper()
		cleo := h.chosen("C-1003")
		text := h.allOf(cleo)
		hides(t, when+": "+text, append(ofDario, "Visit-Pair")...)
		says(t, text, "Cleo", hers.Ref, "of hers alone")
	}
	apart("before")

	for range 2 { // and what was undone can be decided again
		h.must(h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because))
		h.clock.Advance(24 * time.Hour) // a day has five tries at a second datum
		in := h.half()
		h.must(h.Choose(t.Context(), in.Session, "C-1003"))
		both := h.actor(in)
		if both.ID != dario.ID { // he came first, so she is shown with him
			t.Errorf("her sign-in is %s, not the one that stays, %s", both.ID, dario.ID)
		}
		text := h.allOf(both)
		says(t, text, "Cleo", "Order-Cleo", hers.Ref, "of hers alone", "Dario", "Order-Dario", his.Ref, "of his alone", "profiling granted", "person.merged")
		hides(t, text, "Visit-Pair") // a third person may share the mailbox: nobody said that there is none
		copied := h.exported(both)
		h.build()

		p, err := h.Profile(t.Context(), officer, cleo.ID, workflow.ProfileAt{})
		h.must(err)
		if p.ID != dario.ID || len(p.Merged) != 1 || p.Merged[0].Other != cleo.ID || p.Merged[0].Reason != because || len(p.Likely) != 0 {
			t.Fatalf("the officer sees %s with %+v, perhaps %+v", p.ID, p.Merged, p.Likely)
		}
		h.must(h.UndoMerge(t.Context(), officer, p.Merged[0].ID))
		if _, err := h.Who(t.Context(), in.Token); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("whoever was signed in as both still is: %v", err)
		}
		if pkg, err := h.Store.PackageOf(t.Context(), copied.ID); err != nil || pkg.State != "expired" || pkg.FileKey != "" {
			t.Errorf("the copy of both is %s, %v", pkg.State, err)
		}
		for _, name := range h.packages() {
			if strings.HasPrefix(name, copied.ID) {
				t.Errorf("its file is still there: %s", name)
			}
		}
		h.clock.Advance(24 * time.Hour)
		apart("after")
		if h.reaches(h.chosen("C-1004"), hers.Ref) {
			t.Error("he reaches hers after it was undone")
		}
	}
}

func TestWhoIsDecidedToBeTwoIsNotAskedAgain(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	cleo, dario := h.chosen("C-1003"), h.chosen("C-1004")
	p, err := h.Profile(t.Context(), officer, cleo.ID, workflow.ProfileAt{})
	h.must(err)
	if len(p.Likely) != 1 || p.Likely[0].ID != dario.ID || p.Likely[0].Same != "mailbox" {
		t.Fatalf("perhaps %+v", p.Likely)
	}
	c, err := h.Compare(t.Context(), officer, cleo.ID, dario.ID)
	h.must(err)
	if c.Kept.ID != cleo.ID || c.Gone.ID != dario.ID || len(c.Rivals) != 1 || c.Rivals[0].Name != "customers" {
		t.Errorf("side by side: %+v", c)
	}
	if h.count(dario.ID, "person.viewed") != 1 {
		t.Error("he does not see that he was compared")
	}
	h.must(h.Decide(t.Context(), officer, dario.ID, cleo.ID, false, because))
	p, err = h.Profile(t.Context(), officer, cleo.ID, workflow.ProfileAt{})
	h.must(err)
	if len(p.Likely) != 0 || len(p.Apart) != 1 || p.Apart[0].Other != dario.ID {
		t.Errorf("afterwards %+v, apart %+v", p.Likely, p.Apart)
	}
	if err := h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a second decision about the same two: %v", err)
	}
	h.must(h.UndoMerge(t.Context(), officer, p.Apart[0].ID))
	if err := h.UndoMerge(t.Context(), officer, p.Apart[0].ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("undone twice: %v", err)
	}
	h.must(h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because))
	looks, err := h.Activity(t.Context(), h.chosen("C-1003"), 0, 20)
	h.must(err)
	var acts []string
	for _, l := range looks {
		acts = append(acts, l.Act)
	}
	says(t, strings.Join(acts, " "), "person.told_apart", "person.unmerged", "person.merged")
}

// A mailbox changes and the record stays: what was asked from the old one is found again.
func TestTheSameRecordUnderAnotherMailboxIsACandidate(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	old := h.customer(ann)
	ref := h.filed(old)
	h.execute("shop", `UPDATE customers SET email = 'annabel@elsewhere.example' WHERE id = 1`)
	now := h.again("annabel@elsewhere.example")
	p, err := h.Profile(t.Context(), officer, now.ID, workflow.ProfileAt{})
	h.must(err)
	if len(p.Likely) != 1 || p.Likely[0].ID != old.ID || p.Likely[0].Same != "row" || h.reaches(now, ref) {
		t.Fatalf("perhaps %+v", p.Likely)
	}
	h.must(h.Decide(t.Context(), officer, now.ID, old.ID, true, because))
	merged := h.again("annabel@elsewhere.example")
	if merged.ID != now.ID || !h.reaches(merged, ref) { // shown as who has the mailbox of today: letters go there
		t.Error("she does not find what she asked from her old mailbox")
	}
	// The old mailbox passes to somebody else: what is kept under it is not hers any more, whatever was decided.
	h.execute("shop", `INSERT INTO customers VALUES (9, 'C-1009', 'ann@example.com', 'Anna Newholder', NULL, NULL, NULL, NULL)`)
	seen := h.sees(h.again("annabel@elsewhere.example"))
	says(t, seen, "Annabel Harker", "Order-Ann")
	hides(t, seen, "Anna Newholder", "Visit-Ann")
	stranger := h.again(ann)
	if stranger.ID == old.ID || stranger.ID == now.ID || h.reaches(stranger, ref) {
		t.Error("the new holder of the mailbox is taken for her")
	}
	hides(t, h.allOf(stranger), "Annabel", "Order-Ann")
}

func TestWhatSomebodyUnpickedWroteIsSettledByTheirNumber(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	unpicked := h.unchosen()
	wrote := h.said(unpicked, "Which of us two wrote this?")
	for _, c := range []struct {
		sentence, number, reason, want string
	}{
		{"no number", " ", because, "merge.error.empty"},
		{"somebody else's number", "C-1001", because, "merge.error.number"},
		{"a wildcard", "C-100%", because, "merge.error.number"},
		{"what both share", "C-100", because, "merge.error.number"},
		{"without a reason", "C-1003", "", "people.error.reason"},
	} {
		if err := h.Settle(t.Context(), officer, unpicked.ID, c.number, c.reason); fault(err) != c.want {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	h.must(h.Settle(t.Context(), officer, unpicked.ID, "c 1003", because))
	cleo := h.chosen("C-1003")
	text := h.allOf(cleo)
	says(t, text, "Order-Cleo", wrote.Ref, "Which of us two", "person.merged")
	hides(t, text, "Dario")
	if h.reaches(h.chosen("C-1004"), wrote.Ref) {
		t.Error("Dario reads it")
	}
	// Whoever comes next without being picked is not taken for her.
	next := h.unchosen()
	if next.ID == cleo.ID || next.ID == unpicked.ID || h.reaches(next, wrote.Ref) {
		t.Fatal("the next who was not picked sees what is hers")
	}
	hides(t, h.sees(next), "Cleo")
	if err := h.Settle(t.Context(), officer, unpicked.ID, "C-1004", because); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("settled twice: %v", err)
	}
	if err := h.Settle(t.Context(), officer, cleo.ID, "C-1004", because); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("somebody who is known: %v", err)
	}
}

func TestWhoMayDecideAndAboutWhom(t *testing.T) {
	h := open(t)
	officer, auditor, admin := h.officer(rights.RoleOfficer), h.officer(rights.RoleAuditor), h.officer(rights.RoleAdmin)
	cleo, dario, annabel := h.chosen("C-1003"), h.chosen("C-1004"), h.customer(ann)
	one, other := h.unchosen(), h.actor(h.half())
	for _, c := range []struct {
		sentence string
		by       rights.Actor
		a, b     string
		want     error
	}{
		{"an auditor", auditor, cleo.ID, dario.ID, rights.ErrNotFound},
		{"an admin", admin, cleo.ID, dario.ID, rights.ErrNotFound},
		{"one of the two", cleo, cleo.ID, dario.ID, rights.ErrNotFound},
		{"two who have nothing in common", officer, cleo.ID, annabel.ID, rights.ErrNotFound},
		{"one with themselves", officer, cleo.ID, cleo.ID, rights.ErrNotFound},
		{"with nobody", officer, cleo.ID, "nobody", rights.ErrNotFound},
		{"with a session that waits", officer, cleo.ID, other.ID, rights.ErrNotFound},
		{"two who share a mailbox", officer, cleo.ID, dario.ID, nil},
		{"one who is shown with another by now", officer, cleo.ID, one.ID, nil},
		{"the one that is gone", officer, dario.ID, cleo.ID, rights.ErrNotFound},
	} {
		if err := h.Decide(t.Context(), c.by, c.a, c.b, true, because); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	if err := h.UndoMerge(t.Context(), auditor, "any"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an auditor undoes: %v", err)
	}
}

// Three are one, then the first decision is undone: the second still stands between the other two.
func TestUndoingOneDecisionLeavesTheOthers(t *testing.T) {
	h := open(t)
	a, b, c := "subject-000", "subject-001", "subject-002"
	h.crowd(3)
	write := func(fn func(tx *store.Tx) error) { t.Helper(); h.must(h.Store.Write(t.Context(), fn)) }
	why := rights.Entry{At: h.Now(), Actor: rights.System, Act: "person.merged"}
	first := store.Merge{ID: "1", Gone: a, Kept: b, One: true, Reason: because, At: h.Now()}
	second := store.Merge{ID: "2", Gone: b, Kept: c, One: true, Reason: because, At: h.Now()}
	heads := func() (out string) {
		for _, id := range []string{a, b, c} {
			head, err := h.Store.HeadOf(t.Context(), id)
			h.must(err)
			out += head[len(head)-1:]
		}
		return out
	}
	for _, step := range []struct {
		sentence string
		do       func(tx *store.Tx) error
		want     string
	}{
		{"a is b", func(tx *store.Tx) error { return tx.InsertMerge(first, why) }, "112"},
		{"b is c, and a with it", func(tx *store.Tx) error { return tx.InsertMerge(second, why) }, "222"},
		{"a is not b", func(tx *store.Tx) error { return tx.UndoMerge(first, "x", h.Now(), why) }, "022"},
		{"b is not c", func(tx *store.Tx) error { return tx.UndoMerge(second, "x", h.Now(), why) }, "012"},
	} {
		write(step.do)
		if got := heads(); got != step.want {
			t.Errorf("%s: shown as %s, want %s", step.sentence, got, step.want)
		}
	}
	first.ID, second.ID = "3", "4"
	write(func(tx *store.Tx) error { return errors.Join(tx.InsertMerge(first, why), tx.InsertMerge(second, why)) })
	write(func(tx *store.Tx) error { return tx.UndoMerge(second, "x", h.Now(), why) })
	if got := heads(); got != "112" {
		t.Errorf("the later undone first: shown as %s", got)
	}
}
