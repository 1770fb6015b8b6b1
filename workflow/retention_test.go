package workflow_test

import (
	"errors"
	"testing"
	"time"

	"habeas/proof"
	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// under files a request under a law and returns it.
func (h *house) under(regime string, by rights.Actor) rights.Request {
	h.t.Helper()
	r, err := h.Submit(h.t.Context(), by, workflow.Ask{Right: rights.Objection, Text: "Mine alone", Language: "en", Regime: regime})
	h.must(err)
	return r
}

// retained runs the step until there is nothing left to do, and returns how a request stands then.
func (h *house) retained(id string) rights.Request {
	h.t.Helper()
	for had := true; had; {
		var err error
		had, err = h.RetainNext(h.t.Context())
		h.must(err)
	}
	r, err := h.Store.Request(h.t.Context(), id)
	h.must(err)
	return r
}

// toNoon moves the clock to noon of a day where the house is.
func (h *house) toNoon(day rights.Date) {
	h.t.Helper()
	h.clock.Advance(day.In(h.Location).Add(12 * time.Hour).Sub(h.Now()))
}

func TestARecordIsKeptForAsLongAsItsLawSays(t *testing.T) {
	answered := rights.NewDate(2026, 11, 23) // monday
	for _, c := range []struct {
		sentence, regime, citation string
		last                       rights.Date
	}{
		{"California: 24 months from the answer", "ccpa", "11 CCR 7101(a)", rights.NewDate(2028, 11, 23)},
		{"the GDPR sets no period: the house's own", "eu_gdpr", "", answered.AddMonths(36)},
		{"China sets none: the house's own", "cn_pipl", "", answered.AddMonths(36)},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			by := h.customer(ann)
			r := h.under(c.regime, by)
			if _, known, err := h.KeepUntil(t.Context(), r); known || err != nil {
				t.Errorf("while it is open: %v, %v", known, err)
			}
			h.must(h.Say(t.Context(), by, r.Ref, "Please"))
			h.must(h.Cancel(t.Context(), by, r.Ref))
			h.deliver()
			r = h.retained(r.ID)
			d, known, err := h.KeepUntil(t.Context(), r)
			if err != nil || !known || d.Due != c.last || d.Citation != c.citation {
				t.Errorf("kept until %v (%s), %v", d.Due, d.Citation, err)
			}
			h.toNoon(c.last)
			if r = h.retained(r.ID); !r.PseudonymisedAt.IsZero() || r.Subject != by.ID {
				t.Errorf("on its last day it is gone: %+v", r)
			}
			h.toNoon(c.last.AddDays(1))
			r = h.retained(r.ID)
			if r.PseudonymisedAt.IsZero() || r.Subject != store.Pseudonym || r.State != rights.Cancelled || r.Regime != c.regime {
				t.Errorf("the day after: %+v", r)
			}
			if m, err := h.Store.Messages(t.Context(), r.ID); err != nil || len(m) != 0 {
				t.Errorf("its messages: %v, %v", m, err)
			}
			if h.count(by.ID, "request.pseudonymised") != 1 {
				t.Error("the log does not say so")
			}
			if _, err := h.Portal.Request(t.Context(), h.customer(ann), r.Ref); !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("it is still its person's: %v", err)
			}
			if had, err := h.RetainNext(t.Context()); had || err != nil {
				t.Errorf("there is more to do: %v", err)
			}
		})
	}
}

func TestARecordThatWasReopenedCountsFromItsLastAnswer(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.under("ccpa", by)
	move := func(to rights.State) {
		t.Helper()
		current, err := h.Store.Request(t.Context(), r.ID)
		h.must(err)
		moved, err := current.Move(to, h.Now())
		h.must(err)
		h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.UpdateRequest(moved, rights.Entry{At: h.Now(), Actor: rights.System, Act: "request." + string(to), Request: r.ID})
		}))
	}
	h.deliver()
	move(rights.Fulfilled)
	h.toNoon(rights.NewDate(2028, 11, 20))
	move(rights.InProgress)
	h.toNoon(rights.NewDate(2028, 12, 1))
	if after := h.retained(r.ID); !after.PseudonymisedAt.IsZero() {
		t.Error("it is gone while it is open again")
	}
	move(rights.Fulfilled)
	h.toNoon(rights.NewDate(2030, 12, 1))
	if after := h.retained(r.ID); !after.PseudonymisedAt.IsZero() {
		t.Error("24 months from the second answer it is gone")
	}
	h.toNoon(rights.NewDate(2030, 12, 2))
	if after := h.retained(r.ID); after.PseudonymisedAt.IsZero() {
		t.Error("the day after it is still there")
	}
}

func TestManyRecordsEndInBoundedSteps(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for range 15 {
		for _, regime := range []string{"ccpa", "us_co"} {
			r := h.under(regime, by)
			h.must(h.Cancel(t.Context(), by, r.Ref))
		}
		h.clock.Advance(25 * time.Hour)
		by = h.customer(ann)
	}
	h.deliver()
	set, version, err := h.Store.Settings(t.Context())
	h.must(err)
	set.ClosedMonths = 1 // the house's own rule shortens no law
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SaveSettings(set, version, rights.Entry{At: h.Now(), Actor: rights.System, Act: "settings.saved"})
	}))
	h.toNoon(rights.NewDate(2028, 11, 24).AddDays(7))
	h.restart()
	for had := true; had; {
		had, err = h.RetainNext(t.Context())
		h.must(err)
	}
	if n := h.count(by.ID, "request.pseudonymised"); n != 16 { // of the first eight days, both laws
		t.Errorf("%d records ended", n)
	}
}

func TestTheProofOfAPseudonymisedRequestSaysWhatIsLeft(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.under("ccpa", by)
	h.must(h.Cancel(t.Context(), by, r.Ref))
	h.deliver()
	h.toNoon(rights.NewDate(2028, 11, 24))
	h.retained(r.ID)
	report, files := h.proven(h.officer(rights.RoleOfficer), r.Ref)
	if report.Letters != 0 || len(report.Missing) != 1 || report.Missing[0] != proof.Pseudonymised || report.Entries < 4 {
		t.Errorf("%+v", report)
	}
	if files["facts.json"] == "" || files["letters.json"] == "[]\n" {
		t.Errorf("that letters were sent is not in it: %s", files["letters.json"])
	}
}
