package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"habeas/rights"
	"habeas/workflow"
)

// picks are requests as somebody saw them just now.
func (h *house) picks(rs ...rights.Request) (out []workflow.Pick) {
	h.t.Helper()
	for _, r := range rs {
		out = append(out, workflow.Pick{Ref: r.Ref, Version: h.reread(r).Version})
	}
	return out
}

// became says of each outcome whether it is done, or why not.
func became(outcomes []workflow.Outcome) (out []string) {
	for _, o := range outcomes {
		var faults rights.FieldErrors
		switch {
		case o.Err == nil:
			out = append(out, "done")
		case errors.Is(o.Err, rights.ErrConflict):
			out = append(out, "conflict")
		case errors.As(o.Err, &faults):
			out = append(out, faults[0].Key)
		default:
			out = append(out, o.Err.Error())
		}
	}
	return out
}

func TestOneRequestThatFailsStopsNoOther(t *testing.T) {
	h := open(t)
	officer, otto := h.officer(rights.RoleOfficer), h.colleague("otto", rights.RoleOfficer)
	by := h.customer(ann)
	free, changed, closed, cooling := h.objection(by), h.objection(by), h.objection(by), h.erasure(by)
	picks := h.picks(free, changed, closed, cooling)
	picks = append(picks, workflow.Pick{Ref: "HB-0000-0000", Version: 1})
	h.must(h.Assign(t.Context(), otto, changed.Ref, 1, otto.ID))
	h.must(h.Fulfil(t.Context(), otto, closed.Ref, 1, ""))
	picks[2] = h.picks(closed)[0] // seen as it is, closed
	h.deliver()

	outcomes, err := h.Bulk(t.Context(), officer, workflow.BulkAct{Name: "fulfil", Text: "Done as you asked."}, picks)
	h.must(err)
	want := []string{"done", "conflict", "act.error.closed", "desk.error.cooling_off", rights.ErrNotFound.Error()}
	if got := became(outcomes); !slices.Equal(got, want) {
		t.Errorf("they became %q, want %q", got, want)
	}
	for i, o := range outcomes {
		if o.Ref != picks[i].Ref {
			t.Errorf("outcome %d is of %s", i, o.Ref)
		}
	}
	if h.reread(free).State != rights.Fulfilled || h.reread(changed).State.Open() != true {
		t.Error("the one that could be closed is not, or another is")
	}
	if letters := h.deliver(); letters != 1 {
		t.Errorf("%d letters went out for one that was closed", letters)
	}
}

func TestEveryActOnManyIsDoneOnceHoweverOftenItIsSent(t *testing.T) {
	for _, row := range []struct {
		act  workflow.BulkAct
		done func(h *house, r rights.Request) bool
	}{
		{workflow.BulkAct{Name: "assign", Owner: "staff-officer"}, func(_ *house, r rights.Request) bool { return r.Owner == "staff-officer" }},
		{workflow.BulkAct{Name: "start"}, func(_ *house, r rights.Request) bool { return r.State == rights.InProgress }},
		{workflow.BulkAct{Name: "message", Text: "We need another week."}, func(h *house, r rights.Request) bool {
			d, err := h.Portal.Request(h.t.Context(), rights.Actor{ID: r.Subject, Role: rights.RoleSubject}, r.Ref)
			h.must(err)
			said := 0
			for _, m := range d.Messages {
				if strings.Contains(m.Body, "another week") {
					said++
				}
			}
			return said == 1
		}},
		{workflow.BulkAct{Name: "fulfil"}, func(_ *house, r rights.Request) bool { return r.State == rights.Fulfilled }},
	} {
		for _, already := range []bool{false, true} {
			t.Run(fmt.Sprint(row.act.Name, ", under way: ", already), func(t *testing.T) {
				h := open(t)
				officer := h.officer(rights.RoleOfficer)
				r := h.objection(h.customer(ann))
				if already && row.act.Name != "start" {
					h.must(h.Start(t.Context(), officer, r.Ref, 1))
				}
				picks := h.picks(r)
				var sent sync.WaitGroup // by a double click
				all := make([][]workflow.Outcome, 2)
				for i := range all {
					sent.Go(func() {
						var err error
						if all[i], err = h.Bulk(t.Context(), officer, row.act, picks); err != nil {
							t.Error(err)
						}
					})
				}
				sent.Wait()
				got := slices.Sorted(slices.Values(append(became(all[0]), became(all[1])...)))
				if want := []string{"conflict", "done"}; !slices.Equal(got, want) {
					t.Errorf("they became %q, want %q", got, want)
				}
				if !row.done(h, h.reread(r)) {
					t.Errorf("it is not done once: %+v", h.reread(r))
				}
			})
		}
	}
}

func TestWhatIsWrongWithAllIsSaidBeforeAnyIsTouched(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	r := h.objection(h.customer(ann))
	one := h.picks(r)
	for _, row := range []struct {
		sentence string
		by       rights.Actor
		act      workflow.BulkAct
		picks    []workflow.Pick
		want     string
	}{
		{"nothing is ticked", officer, workflow.BulkAct{Name: "start"}, nil, "queue.error.picks"},
		{"too many are", officer, workflow.BulkAct{Name: "start"}, slices.Repeat(one, 101), "queue.error.too_many"},
		{"the message is empty", officer, workflow.BulkAct{Name: "message", Text: "  "}, one, "request.error.message"},
		{"the answer is too long", officer, workflow.BulkAct{Name: "fulfil", Text: strings.Repeat("x", 4001)}, one, "error.too_long"},
		{"there is no such act", officer, workflow.BulkAct{Name: "erase"}, one, rights.ErrNotFound.Error()},
		{"an auditor changes nothing", h.officer(rights.RoleAuditor), workflow.BulkAct{Name: "start"}, one, rights.ErrNotFound.Error()},
		{"nor does a customer", h.customer(ann), workflow.BulkAct{Name: "start"}, one, rights.ErrNotFound.Error()},
	} {
		_, err := h.Bulk(t.Context(), row.by, row.act, row.picks)
		if got := became([]workflow.Outcome{{Err: err}}); got[0] != row.want {
			t.Errorf("%s: %s, want %s", row.sentence, got[0], row.want)
		}
	}
	if r.Version != h.reread(r).Version {
		t.Error("it was touched")
	}
	started, err := h.Bulk(t.Context(), officer, workflow.BulkAct{Name: "start"}, one)
	h.must(err)
	again, err := h.Bulk(t.Context(), officer, workflow.BulkAct{Name: "start"}, h.picks(r))
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, 2, ""))
	late, err := h.Bulk(t.Context(), officer, workflow.BulkAct{Name: "start"}, h.picks(r))
	h.must(err)
	got := slices.Concat(became(started), became(again), became(late))
	if want := []string{"done", "queue.error.started", "queue.error.closed"}; !slices.Equal(got, want) {
		t.Errorf("starting what is new, under way and closed: %q, want %q", got, want)
	}
}

func TestAListThatLeavesIsWrittenDownWithWhatItWasAndHowMuch(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	h.backlog(7, rights.NewDate(2026, 12, 1))
	var got []string
	h.must(h.QueueAll(t.Context(), officer, workflow.QueueQuery{View: "open", Right: rights.Objection, Limit: 2}, func(l workflow.Line) error {
		got = append(got, l.Ref)
		return nil
	}))
	if slices.Sort(got); len(slices.Compact(got)) != 7 {
		t.Errorf("%d lines of 7", len(got))
	}
	broken := errors.New("nobody reads on")
	ctx, cancel := context.WithCancel(t.Context())
	if err := h.QueueAll(ctx, officer, workflow.QueueQuery{View: "open"}, func(workflow.Line) error { cancel(); return broken }); !errors.Is(err, broken) {
		t.Errorf("a reader who leaves: %v", err)
	}
	if err := h.QueueAll(t.Context(), h.customer(ann), workflow.QueueQuery{}, func(workflow.Line) error { return nil }); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a customer: %v", err)
	}
	said := h.column(h.portal(), "SELECT CAST(leaf AS TEXT) FROM audit_entries WHERE act = 'queue.exported' ORDER BY seq")
	if len(said) != 2 {
		t.Fatalf("%d entries say that a list left", len(said))
	}
	says(t, said[0], `"rows":"7"`, `"view":"open"`, `"right":"objection"`)
	says(t, said[1], `"rows":"1"`)
}

func TestWatchingEndsWithWhoeverWatches(t *testing.T) {
	h := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	changes, err := h.Watch(ctx, h.officer(rights.RoleAuditor))
	h.must(err)
	r := h.objection(h.customer(ann))
	for seen := false; !seen; {
		change := <-changes
		seen = slices.Contains(change.Refs, r.Ref)
	}
	cancel()
	for range changes { // until it is closed
	}
	if _, err := h.Watch(t.Context(), h.customer(ann)); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a customer watches: %v", err)
	}
}
