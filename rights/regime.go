package rights

// Regime is one law as data: what it grants, in which periods, how refusals are founded and what a breach demands.
// Every fact names its source and how sure we are of it; docs/law.md lists them all.
type Regime struct {
	ID   string
	Law  Source // the law itself
	Zone string // IANA zone of its clocks where the asker names none

	Rights []Grant

	Ack             Term // acknowledge a request
	AckFor          []Right
	Reply           Term // answer it, or refuse
	Extension       Term // what may be added; the person is told before the reply falls due
	OptOut          Term
	OptOutFor       []Right
	Cancellation    Term // close an account
	ComplaintAck    Term
	Appeal          Term // decide the appeal of a refusal
	AppealExtension Term
	Records         Term // keep the record of a request, from its answer

	Stops  []Stop   // why the clock may stand still; nothing else stops it
	Places []string // whose holidays count
	// Countries lists the places that the controller's own country may pick in place of Places.
	Countries []string

	Refusals []Ground // why a request may be refused
	Route    Source   // the complaint route a refusal must state; the words are at RouteKey

	NeverDisclose       []string // fideslang categories, each with all below it, that no answer may show in full
	NeverDiscloseSource Source

	PassOn Source // whoever data was disclosed to is told of what became of it; zero where the law does not say so

	Duties []Duty // of a breach
}

// Grant is a right that a law gives.
type Grant struct {
	Right Right
	Source
}

// Stop is one way in which a clock may stand still.
type Stop struct {
	Why      string // ForIdentity or ForClarification
	Restarts bool   // the period begins on the day of the answer; else the days of waiting are added
	BothEnds bool   // the day of asking does not count either
	Doubtful bool   // known from guidance only: the strict date runs on
	Source
}

// Regimes lists every regime, the European ones first.
var Regimes = []Regime{euGDPR, ukGDPR, ccpa, cnPIPL, brLGPD, inDPDP, caQuebec, usVirginia, usColorado}

// RegimeByID returns the regime with that id.
func RegimeByID(id string) (Regime, bool) {
	for _, g := range Regimes {
		if g.ID == id {
			return g, true
		}
	}
	return Regime{}, false
}

// Grant returns where the law gives the right. Rights it does not give are honoured as a courtesy.
func (g Regime) Grant(r Right) (Grant, bool) {
	for _, grant := range g.Rights {
		if grant.Right == r {
			return grant, true
		}
	}
	return Grant{}, false
}

// Ground returns the refusal ground with that id.
func (g Regime) Ground(id string) (Ground, bool) {
	for _, ground := range g.Refusals {
		if ground.ID == id {
			return ground, true
		}
	}
	return Ground{}, false
}

// Grounds returns the grounds on which a request of that right can be refused.
func (g Regime) Grounds(r Right) []Ground {
	var out []Ground
	for _, ground := range g.Refusals {
		if ground.AppliesTo(r) {
			out = append(out, ground)
		}
	}
	return out
}

// MayDisclose reports whether an access answer may show data of that category in full.
func (g Regime) MayDisclose(category string) bool {
	for _, never := range g.NeverDisclose {
		if within(category, never) {
			return false
		}
	}
	return true
}

// RouteKey is the locale key of the complaint route that every refusal must state.
func (g Regime) RouteKey() string { return "route." + g.ID }
