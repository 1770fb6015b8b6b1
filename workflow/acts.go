package workflow

import (
	"context"
	"slices"

	"habeas/rights"
	"habeas/store"
)

// StatutoryAct is what the law lets, or makes, an officer do with a request. Each is told to the person by letter, all but
// starting the clock again.
type StatutoryAct string

// The statutory acts.
const (
	ActAcknowledge StatutoryAct = "acknowledge"
	ActAsk         StatutoryAct = "pause" // which it does where the law lets the clock stop
	ActResume      StatutoryAct = "resume"
	ActExtend      StatutoryAct = "extend"
	ActFulfil      StatutoryAct = "fulfil"
	ActPartly      StatutoryAct = "partly"
	ActRefuse      StatutoryAct = "refuse"
	ActAccept      StatutoryAct = "accept"
	ActDecline     StatutoryAct = "decline"
	ActReopen      StatutoryAct = "reopen"
)

// Offer is a statutory act as a request of that kind offers it to an officer: what the law of the request says to it.
type Offer struct {
	Act     StatutoryAct
	Law     string             // the rule behind it; "" where there is none to cite
	Grounds []rights.Ground    // it needs one of these; nil where it needs none
	Ground  string             // the one that a legal hold on the person rests on; "" for none
	Asks    []Question         // of asking the person: what for
	LastDay rights.Date        // by which it must be done; zero for none
	Due     rights.Date        // of an act that moves the clock or starts it again: the day the answer is owed then
	Words   bool               // it cannot be done without words of the officer's own
	Closed  *rights.FieldError // why it is not open now; nil where it is
}

// Question is a reason for which a person can be asked, and what that does to the clock.
type Question struct {
	Why   string // rights.ForIdentity or rights.ForClarification
	Stops bool   // the clock stands still until the answer
	// Where it stops: Restarts says that the period begins anew with the answer, Doubtful that only guidance lets it stop,
	// so that alerts go by a clock that runs on.
	Restarts, Doubtful bool
	Law                string
}

// matter is what a statutory act is decided on.
type matter struct {
	rights.Request
	law        rights.Regime
	correction *rights.Correction
	lacking    bool   // of a copy: the machine could not make it, or not whole; people give the rest
	residue    []Left // of an erasure: what the machine left
	held       string // why nothing may be let out or changed yet; "" for nothing
	ground     string // of a legal hold on the person; "" for none
	unshown    bool   // something is still to be done where nothing but a task shows that it was
}

// matterOf gathers it from what a page of the request has read already.
func (p *Portal) matterOf(d Dossier, tasks []rights.Task) (matter, error) {
	g, err := p.regime(d.Request.Regime)
	m := matter{
		Request: d.Request, law: g, correction: d.Correction, lacking: d.Package != nil && lacking(*d.Package), residue: d.Erasure.Left,
		held: d.Held(), unshown: p.unshown(tasks),
	}
	if d.Hold != nil {
		m.ground = d.Hold.Ground
	}
	return m, err
}

// matterIn gathers it in the transaction of the act. Who asks is proven where the request moves.
func (p *Portal) matterIn(ctx context.Context, tx *store.Tx, r rights.Request) (matter, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return matter{}, err
	}
	m := matter{Request: r, law: g}
	tasks, err := tx.TasksOf(ctx, r.ID)
	if err != nil {
		return m, err
	}
	m.unshown = p.unshown(tasks)
	switch r.Right {
	case rights.Rectification:
		c, err := tx.Correction(ctx, r.ID)
		if err == nil {
			m.correction = &c
		}
		return m, ignoreNotFound(err)
	case rights.Erasure:
		e, err := tx.ErasureOf(ctx, r.ID)
		if err != nil {
			return m, ignoreNotFound(err)
		}
		m.residue, err = fromOptionalJSON[[]Left](e.Residue)
		return m, err
	case rights.Access, rights.Portability:
		pkg, err := tx.PackageOf(ctx, r.ID)
		m.lacking = err == nil && lacking(pkg)
		return m, ignoreNotFound(err)
	}
	return m, nil
}

// lacking reports whether the machine is done with the copy of a request that is open all the same: something is missing.
func lacking(pkg store.Package) bool { return pkg.State != "queued" && pkg.State != "building" }

// offers lists the acts that a request has, in the order an officer meets them. One that is closed stays in the list with
// the reason, where a day has passed or will come; one that makes no sense for the request is left out.
func (p *Portal) offers(m matter) []Offer {
	if m.Routine || !m.PseudonymisedAt.IsZero() {
		return nil
	}
	if !m.State.Open() {
		return p.reopening(m)
	}
	var out []Offer
	if m.AcknowledgedAt.IsZero() {
		out = append(out, p.acknowledging(m))
	}
	out = append(out, p.deciding(m)...)
	if m.State == rights.Paused {
		out = append(out, Offer{Act: ActResume})
	}
	return append(out, Offer{Act: ActAsk, Asks: questions(m), Words: true, Due: m.Due}, p.extending(m))
}

func (p *Portal) acknowledging(m matter) Offer {
	o := Offer{Act: ActAcknowledge}
	for _, kind := range []rights.Kind{rights.KindAck, rights.KindComplaintAck} {
		if d, ok := m.Clock.Deadline(kind); ok {
			o.LastDay, o.Law = d.StrictDue, d.Citation
		}
	}
	return o
}

// deciding are the acts that close a request: a correction is decided on its two values, anything else is answered.
func (p *Portal) deciding(m matter) []Offer {
	refusable := m.law.Grounds(m.Right)
	out := []Offer{
		{Act: ActFulfil, Words: m.lacking || m.Right == rights.Explanation},
		{Act: ActPartly, Grounds: refusable, Words: true, Law: m.law.Route.Citation},
		{Act: ActRefuse, Grounds: refusable, Law: m.law.Route.Citation},
	}
	if m.correction != nil {
		if m.correction.Decision != "" || beingWritten(*m.correction) {
			return nil
		}
		out = []Offer{{Act: ActAccept}, {Act: ActDecline, Grounds: refusable, Law: m.law.Route.Citation}}
	}
	if len(refusable) == 0 { // what the law lists no ground for cannot be refused
		out = out[:1]
	}
	for i, o := range out {
		if m.ground != "" && o.Act == ActRefuse {
			out[i].Ground = m.ground
		}
		meets := o.Act == ActFulfil || o.Act == ActPartly || o.Act == ActAccept
		switch {
		case m.CoolingOff(p.Now()) && o.Act != ActRefuse: // once it is over the machine begins at once: no refusal waits for that
			out[i].Closed = &rights.FieldError{Field: "act", Key: "desk.error.cooling_off"}
		case meets && m.held != "":
			out[i].Closed = &rights.FieldError{Field: "act", Key: "intake.error.held." + m.held}
		case o.Act == ActFulfil && m.unshown:
			out[i].Closed = &rights.FieldError{Field: "act", Key: "desk.error.evidence"}
		}
	}
	return out
}

// questions are what a person can be asked, and what the law of the request makes of the days until the answer.
func questions(m matter) []Question {
	var out []Question
	for _, why := range []string{rights.ForIdentity, rights.ForClarification} {
		if why == rights.ForIdentity && m.law.ForbidsProof(m.Right) {
			continue
		}
		q := Question{Why: why, Law: m.law.Reply.Citation}
		if d, ok := m.Clock.Deadline(rights.KindOptOut); ok { // whose days nothing stops
			q.Law = d.Citation
		} else if i := slices.IndexFunc(m.law.Stops, func(s rights.Stop) bool { return s.Why == why }); i >= 0 {
			s := m.law.Stops[i]
			q.Stops, q.Restarts, q.Doubtful, q.Law = true, s.Restarts, s.Doubtful, s.Citation
		}
		out = append(out, q)
	}
	return out
}

// extending is the act of putting the answer off: once, and told by the last day of the first period (GDPR Art. 12(3);
// 11 CCR 7021(b)).
func (p *Portal) extending(m matter) Offer {
	o := Offer{Act: ActExtend, Words: true}
	last, ok := m.Clock.Deadline(rights.KindExtensionNotice)
	longer, _ := m.Clock.Deadline(rights.KindExtended)
	o.LastDay, o.Due, o.Law = last.Due, longer.Due, last.Citation
	switch {
	case !ok:
		o.Closed = &rights.FieldError{Field: "act", Key: "act.error.extend.never"}
	case m.Clock.Extended:
		o.Closed = &rights.FieldError{Field: "act", Key: "act.error.extend.twice", Args: map[string]any{"Date": m.Due}}
	case !m.law.MayExtend(m.Clock, p.today()):
		o.Closed = &rights.FieldError{Field: "act", Key: "act.error.extend.late", Args: map[string]any{"Date": last.Due}}
	}
	return o
}

// reopening is all that is left to do with a closed request. One that the person took back is theirs to ask again, and
// their consent is theirs alone.
func (p *Portal) reopening(m matter) []Offer {
	if !m.State.CanBecome(rights.InProgress) || m.Right == rights.Consent {
		return nil
	}
	o := Offer{Act: ActReopen, Words: true, Due: m.Due}
	if m.correction != nil && m.correction.Decision == "accepted" {
		o.Closed = &rights.FieldError{Field: "act", Key: "act.error.reopen.written"}
	}
	return []Offer{o}
}

// offer is one act of a request, or why it cannot be done. What makes no sense for it as it stands (a second
// acknowledgement, a correction that is decided) somebody else has overtaken.
func (p *Portal) offer(m matter, act StatutoryAct) (Offer, error) {
	for _, o := range p.offers(m) {
		switch {
		case o.Act != act:
		case o.Closed != nil:
			return o, rights.FieldErrors{*o.Closed}
		default:
			return o, nil
		}
	}
	if !m.State.Open() {
		return Offer{}, rights.Fault("act", "act.error.closed", nil)
	}
	if m.correction != nil && (act == ActFulfil || act == ActPartly || act == ActRefuse) {
		return Offer{}, rights.Fault("act", "desk.error.decide", nil)
	}
	return Offer{}, rights.ErrConflict
}

// Resume starts the clock again: the person has answered in another way.
func (p *Portal) Resume(ctx context.Context, by rights.Actor, ref string, version int) error {
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		_, err := p.resume(tx, by, r)
		return err
	})
}

// resume ends the pauses that last, on today.
func (p *Portal) resume(tx *store.Tx, by rights.Actor, r rights.Request) (rights.Request, error) {
	if r.State != rights.Paused {
		return r, rights.ErrConflict
	}
	r, err := p.reckon(waitedUntil(r, p.today()))
	if err != nil {
		return r, err
	}
	return p.move(tx, by, r, rights.InProgress, "resumed", nil)
}

// waitedUntil ends every pause that lasts, on that day.
func waitedUntil(r rights.Request, day rights.Date) rights.Request {
	r.Clock.Pauses = slices.Clone(r.Clock.Pauses)
	for i := range r.Clock.Pauses {
		if pause := &r.Clock.Pauses[i]; pause.To.IsZero() {
			pause.To = day
		}
	}
	return r
}

// reckon computes every date of a request anew from its receipt, its pauses and its extension.
func (p *Portal) reckon(r rights.Request) (rights.Request, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return r, err
	}
	facts, err := p.facts(r)
	if err != nil {
		return r, err
	}
	r.Clock = g.Clock(r.Right, facts)
	r.Due = r.Clock.DueDay()
	return r, nil
}
