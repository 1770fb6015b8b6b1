package workflow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// phoned is a registration of somebody with that mailbox who has just called, and whom nobody has made sure of.
func (h *house) phoned(mailbox string, right rights.Right) workflow.Registration {
	return workflow.Registration{
		Channel: rights.ByPhone, Right: right, Regime: "eu_gdpr", Language: "en", ReceivedAt: h.clock.Now().Add(-time.Hour),
		Mailbox: mailbox, Text: "Please", Identity: rights.Unidentified, Receipt: true,
	}
}

// register registers it and returns the request as it stands.
func (h *house) register(by rights.Actor, g workflow.Registration) rights.Request {
	h.t.Helper()
	r, err := h.Register(h.t.Context(), by, g)
	h.must(err)
	return h.reread(r)
}

func (h *house) folder(by rights.Actor, ref string) workflow.Folder {
	h.t.Helper()
	f, err := h.Folder(h.t.Context(), by, ref, "en")
	h.must(err)
	return f
}

func TestTheClockOfARegisteredRequestStartsWhenItWasReceived(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	for _, channel := range rights.Channels[1:] {
		g := h.phoned(nobody, rights.Objection)
		g.Channel, g.ReceivedAt = channel, time.Date(2026, 11, 2, 9, 30, 0, 0, h.Location)
		r := h.register(officer, g)
		if r.Channel != channel || r.Identity != rights.Unidentified || r.Clock.Start != rights.NewDate(2026, 11, 2) || r.Due != rights.NewDate(2026, 12, 2) {
			t.Errorf("by %s: %+v", channel, r)
		}
		if !r.AcknowledgedAt.Equal(monday) {
			t.Errorf("by %s: acknowledged at %v, when the receipt leaves", channel, r.AcknowledgedAt)
		}
		f := h.folder(officer, r.Ref)
		if len(f.Messages) != 1 || f.Messages[0].Body != "Please" || f.Events[0].Actor.ID != officer.ID {
			t.Errorf("by %s: %+v", channel, f.Dossier)
		}
		says(t, h.letter(nobody).Text, r.Ref)
	}
	late := h.phoned(nobody, rights.Objection)
	late.ReceivedAt = monday.AddDate(0, -3, 0)
	if r := h.register(officer, late); !r.Due.Before(rights.DateOf(monday)) || r.State != rights.Received {
		t.Errorf("a letter that lay for three months is due %v", r.Due)
	}
	quiet := h.phoned(bo, rights.Objection)
	quiet.Receipt = false
	if r := h.register(officer, quiet); !r.AcknowledgedAt.IsZero() || len(h.letters(bo)) != 0 {
		t.Errorf("without a receipt it was acknowledged at %v by %d letters", r.AcknowledgedAt, len(h.letters(bo)))
	}
}

func TestARegistrationFindsItsPersonAndGuessesNone(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	by := h.customer(ann)
	if r := h.register(officer, h.phoned(" Ann@Example.COM ", rights.Objection)); r.Subject != by.ID || !h.reaches(by, r.Ref) {
		t.Error("somebody known does not find the request in their name")
	}
	first := h.register(officer, h.phoned(bo, rights.Objection))
	if other := h.customer(bo); other.ID != first.Subject || !h.reaches(other, first.Ref) {
		t.Error("somebody who signs in for the first time does not find the request in their name")
	}
	shared := h.register(officer, h.phoned(pair, rights.Access))
	for _, datum := range []string{"C-1003", "C-1004"} {
		in := h.enter(pair)
		h.must(h.Choose(t.Context(), in.Session, datum))
		if who := h.actor(in); who.ID == shared.Subject || h.reaches(who, shared.Ref) {
			t.Errorf("%s got what was registered for one of two behind a mailbox", datum)
		}
		h.clock.Advance(15 * time.Minute)
	}
	in := h.enter(pair)
	h.must(h.EnterUnchosen(t.Context(), in.Session))
	who := h.actor(in)
	if !h.reaches(who, shared.Ref) {
		t.Fatal("whoever reads the mailbox cannot see what was asked in its name")
	}
	if err := h.AnswerFor(t.Context(), who, shared.Ref, true); fault(err) != "yours.error.shared" {
		t.Errorf("a mailbox of two says who asked: %v", err)
	}
}

func TestBadRegistrationsAreFaultsAndRegisterNothing(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	open := h.objection(h.customer(ann))
	before := h.entries()
	for _, c := range []struct {
		sentence string
		change   func(*workflow.Registration)
		want     string
	}{
		{"through the portal", func(g *workflow.Registration) { g.Channel = rights.ByPortal }, "intake.error.channel"},
		{"by pigeon", func(g *workflow.Registration) { g.Channel = "pigeon" }, "intake.error.channel"},
		{"at no time", func(g *workflow.Registration) { g.ReceivedAt = time.Time{} }, "intake.error.received"},
		{"tomorrow", func(g *workflow.Registration) { g.ReceivedAt = monday.Add(24 * time.Hour) }, "intake.error.future"},
		{"long ago", func(g *workflow.Registration) { g.ReceivedAt = monday.AddDate(-2, 0, -1) }, "intake.error.old"},
		{"under no right", func(g *workflow.Registration) { g.Right = "" }, "request.error.right"},
		{"of consent, which only the person gives", func(g *workflow.Registration) { g.Right = rights.Consent }, "request.error.right"},
		{"under no law", func(g *workflow.Registration) { g.Regime = "mars" }, "request.error.regime"},
		{"in no language", func(g *workflow.Registration) { g.Language = "tlh" }, "intake.error.language"},
		{"of nobody", func(g *workflow.Registration) { g.Mailbox = "" }, "intake.error.mailbox"},
		{"of a mailbox that is none", func(g *workflow.Registration) { g.Mailbox = "ann at home" }, "email.format"},
		{"of a mailbox and an address", func(g *workflow.Registration) { g.Name, g.Address = "Ann", "Pier 4" }, "intake.error.both"},
		{"of a name without an address", func(g *workflow.Registration) { g.Mailbox, g.Name = "", "Ann" }, "intake.error.address"},
		{"about nothing", func(g *workflow.Registration) { g.Text = " " }, "intake.error.text"},
		{"at length", func(g *workflow.Registration) { g.Text = strings.Repeat("x", 4001) }, "error.too_long"},
		{"identified by a code of ours", func(g *workflow.Registration) { g.Identity = rights.ByMailbox }, "intake.error.identity"},
		{"identified, without saying how", func(g *workflow.Registration) { g.Identity = rights.ByDocument }, "intake.error.note"},
		{"with the number of a document", func(g *workflow.Registration) {
			g.Identity, g.Note = rights.ByDocument, "Passport C01X00T47, 1234567"
		}, "intake.error.number"},
		{"by somebody in no capacity", func(g *workflow.Registration) { g.Mandate = &rights.Mandate{Kind: "friend", Name: "F", Contact: "f"} }, "intake.error.by"},
		{"by an agent without a name", func(g *workflow.Registration) { g.Mandate = &rights.Mandate{Kind: rights.Agent, Contact: "f"} }, "intake.error.agent_name"},
		{"by a relative of no relation", func(g *workflow.Registration) {
			g.Mandate = &rights.Mandate{Kind: rights.Relative, Name: "F", Contact: "f"}
		}, "intake.error.relation"},
		{"about a request that is still open", func(g *workflow.Registration) { g.Mailbox, g.Right, g.About = "", rights.Complaint, open.Ref }, "intake.error.about"},
		{"about a request that is not there", func(g *workflow.Registration) { g.Right, g.About = rights.Complaint, "HB-0000-0000" }, "intake.error.about"},
	} {
		g := h.phoned(bo, rights.Objection)
		c.change(&g)
		if _, err := h.Register(t.Context(), officer, g); fault(err) != c.want {
			t.Errorf("%s: %v, want %s", c.sentence, err, c.want)
		}
		if _, _, err := h.CheckRegistration(t.Context(), officer, g); fault(err) != c.want {
			t.Errorf("%s, checked: %v", c.sentence, err)
		}
	}
	if after := h.entries(); after != before || len(h.letters(bo)) != 0 {
		t.Errorf("%d entries and %d letters were written", after-before, len(h.letters(bo)))
	}
	for _, role := range []rights.Role{rights.RoleAdmin, rights.RoleAuditor} {
		if _, err := h.Register(t.Context(), h.officer(role), h.phoned(bo, rights.Objection)); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s registers: %v", role, err)
		}
	}
	if _, err := h.Register(t.Context(), h.customer(bo), h.phoned(bo, rights.Objection)); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a customer registers: %v", err)
	}
}

func TestWhatIsSentTwiceIsRegisteredOnce(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	g, _, err := h.CheckRegistration(t.Context(), officer, h.phoned(ann, rights.Objection))
	h.must(err)
	one, two := h.register(officer, g), h.register(officer, g)
	if one.Ref != two.Ref || len(h.letters(ann)) != 1 {
		t.Errorf("registered as %s and %s, with %d letters", one.Ref, two.Ref, len(h.letters(ann)))
	}
	own := h.objection(h.customer(bo))
	g.ID = own.ID
	if _, err := h.Register(t.Context(), officer, g); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("in the place of a request of the portal: %v", err)
	}
}

// Whoever calls in somebody's name must not be able to use up what that person may ask themselves.
func TestWhatIsRegisteredWeakensNothingOfThePortal(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	by := h.customer(ann)
	real := h.objection(by)
	for range 30 {
		h.register(officer, h.phoned(ann, rights.Objection))
	}
	if again := h.objection(by); again.Subject != real.Subject {
		t.Error("the person's own request is somebody else's")
	}
	if now := h.reread(real); now.State != rights.Received || now.Identity != rights.ByMailbox || now.Due != real.Due || now.Version != real.Version {
		t.Errorf("the person's own request is now %+v", now)
	}
}

func TestNothingIsLetOutOrChangedBeforeSomebodyMadeSureOfWhoAsks(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	for _, c := range []struct {
		regime string
		right  rights.Right
		held   bool
	}{
		{"eu_gdpr", rights.Access, true}, {"eu_gdpr", rights.Portability, true}, {"eu_gdpr", rights.Rectification, true},
		{"eu_gdpr", rights.Erasure, true}, {"eu_gdpr", rights.Explanation, true}, {"eu_gdpr", rights.Restriction, true},
		{"eu_gdpr", rights.Objection, false}, {"eu_gdpr", rights.OptOut, false}, {"eu_gdpr", rights.Complaint, false},
		{"ccpa", rights.OptOut, false}, {"ccpa", rights.Restriction, false}, {"ccpa", rights.Erasure, true}, {"cn_pipl", rights.Access, true},
	} {
		g := h.phoned(ann, c.right)
		g.Regime = c.regime
		r := h.register(officer, g)
		h.clock.Advance(73 * time.Hour) // past the cooling-off of an erasure
		if held := h.folder(officer, r.Ref).Held(); (held == "identity") != c.held {
			t.Errorf("%s under %s: held %q", c.right, c.regime, held)
		}
		err := h.Fulfil(t.Context(), officer, r.Ref, r.Version, "Done.")
		if c.held != (fault(err) == "intake.error.held.identity") || !c.held && err != nil {
			t.Errorf("%s under %s: fulfilled with %v", c.right, c.regime, err)
		}
		if !c.held {
			continue
		}
		if now := h.reread(r); now.State != rights.Received || len(h.folder(officer, r.Ref).Messages) != 1 {
			t.Errorf("%s under %s was refused, and yet something happened: %+v", c.right, c.regime, now)
		}
		h.must(h.Identify(t.Context(), officer, r.Ref, r.Version, rights.InPerson, "Came with the shop card, and knew the last order"))
		r = h.reread(r)
		h.must(h.Fulfil(t.Context(), officer, r.Ref, r.Version, "Done."))
	}
	doubtful := h.register(officer, h.phoned(ann, rights.Erasure))
	h.clock.Advance(73 * time.Hour)
	g, _ := rights.RegimeByID("eu_gdpr")
	h.must(h.Refuse(t.Context(), officer, doubtful.Ref, 1, g.Grounds(rights.Erasure)[0].ID, "We could not make sure of who you are."))
}

func TestWhoeverMadeSureSaysHowAndCanTakeItBack(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	r := h.register(officer, h.phoned(ann, rights.Access))
	for _, c := range []struct {
		how  rights.Identity
		note string
		want string
	}{
		{rights.ByMailbox, "x", "intake.error.identity"}, {"guess", "x", "intake.error.identity"}, {rights.ByCallback, " ", "intake.error.note"},
		{rights.ByDocument, "ID 440101199001011234", "intake.error.number"},
	} {
		if err := h.Identify(t.Context(), officer, r.Ref, 1, c.how, c.note); fault(err) != c.want {
			t.Errorf("%s, %q: %v", c.how, c.note, err)
		}
	}
	h.must(h.Identify(t.Context(), officer, r.Ref, 1, rights.ByCallback, "Called the number on file on 2026-11-23"))
	if err := h.Identify(t.Context(), officer, r.Ref, 1, rights.InPerson, "Came"); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("over somebody else's: %v", err)
	}
	h.must(h.Identify(t.Context(), officer, r.Ref, 2, rights.Unidentified, "It was a cousin"))
	if f := h.folder(officer, r.Ref); f.Request.Identity != rights.Unidentified || f.Events[len(f.Events)-1].Kind != "unidentified" {
		t.Errorf("taken back it is %+v", f.Request)
	}
	own := h.objection(h.customer(bo))
	if err := h.Identify(t.Context(), officer, own.Ref, 1, rights.ByDocument, "Seen"); fault(err) != "intake.error.closed" {
		t.Errorf("of the portal's own: %v", err)
	}
	if err := h.Identify(t.Context(), h.officer(rights.RoleAuditor), r.Ref, 3, rights.ByDocument, "Seen"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("by an auditor: %v", err)
	}
}

func TestThePeriodBeginsWithTheProofWhereTheLawSaysSo(t *testing.T) {
	for _, c := range []struct {
		regime string
		asked  bool
		start  rights.Date
	}{
		{"eu_gdpr", true, rights.NewDate(2026, 11, 23)},
		{"ccpa", true, rights.NewDate(2026, 11, 23)},
		{"uk_gdpr", true, rights.NewDate(2026, 12, 1)},
		{"uk_gdpr", false, rights.NewDate(2026, 11, 23)}, // nobody had asked for proof
		{"cn_pipl", true, rights.NewDate(2026, 12, 1)},
	} {
		h := open(t)
		officer := h.officer(rights.RoleOfficer)
		g := h.phoned(ann, rights.Access)
		g.Regime, g.Receipt = c.regime, c.asked
		r := h.register(officer, g)
		h.clock.Advance(8 * 24 * time.Hour)
		h.must(h.Identify(t.Context(), officer, r.Ref, 1, rights.ByCallback, "Called back"))
		now := h.reread(r)
		if now.Clock.Start != c.start || now.Due != now.Clock.DueDay() || now.Due.Before(r.Due) {
			t.Errorf("%s, asked %v: from %v to %v, before to %v", c.regime, c.asked, now.Clock.Start, now.Due, r.Due)
		}
		h.must(h.Identify(t.Context(), officer, r.Ref, 2, rights.InPerson, "Came, too"))
		if again := h.reread(r); again.Due != now.Due {
			t.Errorf("%s: a second proof moves it from %v to %v", c.regime, now.Due, again.Due)
		}
	}
}

func TestThePersonSaysIfItIsTheirs(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	by, other := h.customer(ann), h.customer(bo)
	yes, no := h.register(officer, h.phoned(ann, rights.Erasure)), h.register(officer, h.phoned(ann, rights.Access))
	for who, actor := range map[string]rights.Actor{"somebody else": other, "an officer": officer, "nobody": {}} {
		if err := h.AnswerFor(t.Context(), actor, yes.Ref, true); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s says yes: %v", who, err)
		}
		if err := h.AnswerFor(t.Context(), actor, yes.Ref, false); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s says no: %v", who, err)
		}
	}
	h.clock.Advance(11 * time.Minute)
	if err := h.AnswerFor(t.Context(), by, yes.Ref, true); !errors.Is(err, rights.ErrStepUp) {
		t.Errorf("an erasure is taken for theirs without a fresh proof: %v", err)
	}
	by = h.again(ann)
	h.must(h.AnswerFor(t.Context(), by, yes.Ref, true))
	if now := h.reread(yes); now.Identity != rights.ByMailbox || !now.State.Open() {
		t.Errorf("after yes it is %+v", now)
	}
	if err := h.AnswerFor(t.Context(), by, yes.Ref, false); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("answered twice: %v", err)
	}
	h.must(h.AnswerFor(t.Context(), by, no.Ref, false))
	if now := h.reread(no); now.State != rights.Cancelled {
		t.Errorf("after no it is %s", now.State)
	}
	if own := h.objection(by); !errors.Is(h.AnswerFor(t.Context(), by, own.Ref, true), rights.ErrConflict) {
		t.Error("the person's own request asks if it is theirs")
	}
}

func TestARegisteredErasureIsAlertedAndCanBeStopped(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	g := h.phoned(ann, rights.Erasure)
	g.ReceivedAt = monday.AddDate(0, 0, -20)
	r := h.register(officer, g)
	if !r.NotBefore.Equal(monday.Add(72 * time.Hour)) {
		t.Errorf("it may be acted on from %v: the alert leaves now", r.NotBefore)
	}
	says(t, h.letterWith(ann, "/stop/"), r.Ref, "our privacy team")
	if _, err := h.StopNow(t.Context(), h.stop(ann)); err != nil || h.reread(r).State != rights.Cancelled {
		t.Errorf("the link does not stop it: %v", err)
	}
}

func TestSomebodyWithoutAMailboxGetsTheirLettersOnPaper(t *testing.T) {
	h := open(t)
	h.execute("shop", `INSERT INTO customers VALUES (9, 'C-1009', '', 'Nomail Person', '', '', NULL, NULL)`)
	officer := h.officer(rights.RoleOfficer)
	g := h.phoned("", rights.Erasure)
	g.Name, g.Address, g.Channel = "Greta Postlethwaite", "1 Lane End\nYork", rights.ByLetter
	r := h.register(officer, g)
	f := h.folder(officer, r.Ref)
	if f.Postal == nil || f.Postal.Name != "Greta Postlethwaite" || !strings.Contains(f.Postal.Address, "York") {
		t.Errorf("their address is %+v", f.Postal)
	}
	if h.deliver() != 0 || len(f.Letters) != 1 || f.Letters[0].State != "parked" || f.Letters[0].Fault != "paper" {
		t.Errorf("their letters: %+v", f.Letters)
	}
	if again := h.register(officer, g); again.Subject == r.Subject {
		t.Error("two letters under one name were taken for one person's")
	}
	s, err := h.Store.Subject(t.Context(), r.Subject)
	h.must(err)
	person, err := sources.ParsePerson(s.Person)
	h.must(err)
	held, err := h.Sources.Overview(t.Context(), person)
	h.must(err)
	for _, c := range held {
		if c.Count != 0 {
			t.Errorf("%d records of %s without an address were taken for theirs", c.Count, c.Collection.Name)
		}
	}
	h.must(h.Reply(t.Context(), officer, r.Ref, r.Version, "The couriers have answered."))
	letters := h.folder(officer, r.Ref).Letters
	said, err := h.SentLetter(t.Context(), officer, r.Ref, letters[len(letters)-1].ID)
	h.must(err)
	if h.deliver() != 0 || said.Kind != "message" || !slices.Contains(said.Paragraphs, "The couriers have answered.") {
		t.Errorf("the %s on paper says %q", said.Kind, said.Paragraphs)
	}
	draft, err := h.Draft(t.Context(), officer, h.folder(officer, r.Ref), workflow.ActExtend, "", "")
	h.must(err)
	if last := draft.Below[len(draft.Below)-1].Text; !strings.Contains(last, "give the reference") {
		t.Errorf("the letter that would be sent ends with %q", last)
	}
	if found, err := h.Store.SubjectsByMailbox(t.Context(), ""); err != nil || len(found) != 0 || s.Mailbox != "" {
		t.Errorf("%d people are found by that they have no mailbox, %v", len(found), err)
	}
}

func TestAComplaintIsARequestOfItsOwnAboutAnother(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	by, r := h.underLaw(rights.Erasure, "us_co")
	complain := workflow.Ask{Right: rights.Complaint, Text: "No.", Language: "en", About: r.Ref}
	if _, err := h.Submit(t.Context(), by, complain); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("about an open request: %v", err)
	}
	h.clock.Advance(73 * time.Hour)
	g, _ := rights.RegimeByID("us_co")
	h.must(h.Assign(t.Context(), officer, r.Ref, r.Version, officer.ID))
	h.must(h.Refuse(t.Context(), officer, r.Ref, r.Version+1, g.Grounds(rights.Erasure)[0].ID, ""))
	if _, err := h.Submit(t.Context(), h.customer(bo), complain); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("about somebody else's: %v", err)
	}
	by = h.again(ann)
	wrong := complain
	wrong.Right = rights.Objection
	if _, err := h.Submit(t.Context(), by, wrong); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an objection about a request: %v", err)
	}
	complain.Regime = "eu_gdpr"
	p, err := h.Prospect(t.Context(), by, complain)
	h.must(err)
	c, err := h.Submit(t.Context(), by, complain)
	h.must(err)
	if c.Regime != "us_co" || c.Parent != r.ID || c.Owner != "" || c.Due != p.Due || p.About == nil || p.About.Ref != r.Ref {
		t.Errorf("the appeal is %+v, promised as %+v", c, p)
	}
	if _, ok := c.Clock.Deadline(rights.KindAppeal); !ok {
		t.Errorf("it has the dates of no appeal: %+v", c.Clock)
	}
	own, err := h.Portal.Request(t.Context(), by, c.Ref)
	h.must(err)
	first, err := h.Portal.Request(t.Context(), by, r.Ref)
	h.must(err)
	if own.About == nil || own.About.Ref != r.Ref || len(first.Complaints) != 1 || first.Complaints[0].Ref != c.Ref {
		t.Error("the two do not lead to each other")
	}
	byHand := h.phoned("", rights.Complaint)
	byHand.About, byHand.Channel = r.Ref, rights.ByLetter
	if d := h.register(officer, byHand); d.Subject != r.Subject || d.Parent != r.ID || d.Regime != "us_co" || d.Owner != "" {
		t.Errorf("by letter it is %+v", d)
	}
}
