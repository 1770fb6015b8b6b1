package rights

// memberStates lists the Member States of the European Union.
var memberStates = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
	"MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}

var euGDPR = Regime{
	ID:   "eu_gdpr",
	Law:  confirmed("Regulation (EU) 2016/679"),
	Zone: "Europe/Brussels",
	Rights: []Grant{
		{Access, memory("GDPR Art. 15")},
		{Portability, memory("GDPR Art. 20")},
		{Rectification, memory("GDPR Art. 16")},
		{Erasure, memory("GDPR Art. 17")},
		{Restriction, memory("GDPR Art. 18")},
		{Objection, memory("GDPR Art. 21")},
		{OptOut, memory("GDPR Art. 21(2)-(3)")},         // direct marketing: no balancing
		{Explanation, memory("GDPR Art. 22, 15(1)(h)")}, // logic of automated decisions
		{Consent, memory("GDPR Art. 7(3)")},             // as easy to withdraw as to give
	},
	Reply:     Term{Months: 1, NextWorkingDay: true, Source: confirmed("GDPR Art. 12(3); Reg. 1182/71 Art. 3(2)(c), (4)")},
	Extension: Term{Months: 2, Source: confirmed("GDPR Art. 12(3); Reg. 1182/71 Art. 3(2)(c), (4)")}, // told within the first month
	Stops: []Stop{
		{Why: ForIdentity, Doubtful: true, Source: memory("GDPR Art. 12(6); EDPB Guidelines 01/2022")},
		{Why: ForClarification, Doubtful: true, Source: memory("GDPR Recital 63; EDPB Guidelines 01/2022")},
	},
	Countries: memberStates, // Reg. 1182/71 Art. 2(1): public holidays are those of the Member State
	Refusals: []Ground{
		{"unfounded", nil, memory("GDPR Art. 12(5)")},
		{"unidentified", nil, memory("GDPR Art. 11(2), 12(2)")},
		{"others_rights", looking, memory("GDPR Art. 15(4), 20(4)")},
		{"not_portable", []Right{Portability}, memory("GDPR Art. 20(1)")},
		{"accurate", []Right{Rectification}, memory("GDPR Art. 16")},
		{"expression", []Right{Erasure}, memory("GDPR Art. 17(3)(a)")},
		{"legal_obligation", []Right{Erasure}, memory("GDPR Art. 17(3)(b)")},
		{"public_health", []Right{Erasure}, memory("GDPR Art. 17(3)(c)")},
		{"archiving", []Right{Erasure}, memory("GDPR Art. 17(3)(d)")},
		{"legal_claims", []Right{Erasure, Objection}, memory("GDPR Art. 17(3)(e), 21(1)")},
		{"compelling_grounds", []Right{Objection}, memory("GDPR Art. 21(1)")},
		{"restricted_by_law", nil, memory("GDPR Art. 23")},
	},
	Route:               confirmed("GDPR Art. 12(4)"), // reasons, supervisory authority, judicial remedy
	NeverDisclose:       credentials,
	NeverDiscloseSource: memory("GDPR Art. 32(1)"),
	PassOn:              memory("GDPR Art. 19"),
	Duties: []Duty{
		{
			Kind: KindBreachAuthority,
			// The hour of awareness is left out by Reg. 1182/71 Art. 3(1); the strict date counts plain hours.
			Term:     Term{Hours: 72, FullHours: true, Source: confirmed("GDPR Art. 33(1); Reg. 1182/71 Art. 3(1), (2)(a)")},
			Contents: []string{"nature", "numbers", "records", "contact", "consequences", "measures"}, // Art. 33(3)
			Exempt:   []string{"unlikely_risk"},
		},
		{
			Kind:     KindBreachPeople,
			Term:     Term{AtOnce: true, Source: confirmed("GDPR Art. 34(1)")},
			Contents: []string{"nature", "contact", "consequences", "measures"},              // Art. 34(2)
			Exempt:   []string{"no_high_risk", "unintelligible", "averted", "public_notice"}, // Art. 34(1), (3)(a)-(c)
		},
	},
}

// credentials are what no answer ever shows, whatever the law: they open doors and tell a person nothing.
var credentials = []string{"user.authorization"}

var ukGDPR = Regime{
	ID:   "uk_gdpr",
	Law:  confirmed("UK GDPR and Data Protection Act 2018, as amended by the Data (Use and Access) Act 2025"),
	Zone: "Europe/London",
	Rights: []Grant{
		{Access, memory("UK GDPR Art. 15")},
		{Portability, memory("UK GDPR Art. 20")},
		{Rectification, memory("UK GDPR Art. 16")},
		{Erasure, memory("UK GDPR Art. 17")},
		{Restriction, memory("UK GDPR Art. 18")},
		{Objection, memory("UK GDPR Art. 21")},
		{OptOut, memory("UK GDPR Art. 21(2)-(3)")},
		{Explanation, confirmed("UK GDPR Art. 22A-22D")}, // in place of Art. 22 since 5 February 2026
		{Consent, memory("UK GDPR Art. 7(3)")},
		{Complaint, confirmed("DPA 2018 s. 164A")},
	},
	Reply:        Term{Months: 1, NextWorkingDay: true, Source: confirmed("UK GDPR Art. 12(3), 12A")},
	Extension:    Term{Months: 2, Source: confirmed("UK GDPR Art. 12(3), 12A")}, // ICO: three months from the original start
	ComplaintAck: Term{Days: 30, FirstDayCounts: true, InForce: NewDate(2026, 6, 19), Source: confirmed("DPA 2018 s. 164A(3)")},
	Stops: []Stop{
		// The relevant time is the latest of the request, the information on identity and the fee.
		{Why: ForIdentity, Restarts: true, Source: confirmed("UK GDPR Art. 12A; twin text DPA 2018 s. 54(3)")},
		// From the day of asking to the day of the answer, both inclusive.
		{Why: ForClarification, BothEnds: true, Source: confirmed("UK GDPR Art. 12A; twin text DPA 2018 s. 54(3C)")},
	},
	Places:    []string{"GB-ENG"},
	Countries: []string{"GB-ENG", "GB-SCT", "GB-NIR"},
	Refusals: []Ground{
		{"unfounded", nil, memory("UK GDPR Art. 12(5)")},
		{"unidentified", nil, memory("UK GDPR Art. 11(2), 12(2)")},
		{"others_rights", looking, memory("UK GDPR Art. 15(4), 20(4); DPA 2018 Sch. 2 para. 16")},
		{"privileged", []Right{Access}, memory("DPA 2018 Sch. 2 para. 19")},
		{"not_portable", []Right{Portability}, memory("UK GDPR Art. 20(1)")},
		{"accurate", []Right{Rectification}, memory("UK GDPR Art. 16")},
		{"expression", []Right{Erasure}, memory("UK GDPR Art. 17(3)(a)")},
		{"legal_obligation", []Right{Erasure}, memory("UK GDPR Art. 17(3)(b)")},
		{"public_health", []Right{Erasure}, memory("UK GDPR Art. 17(3)(c)")},
		{"archiving", []Right{Erasure}, memory("UK GDPR Art. 17(3)(d)")},
		{"legal_claims", []Right{Erasure, Objection}, memory("UK GDPR Art. 17(3)(e), 21(1)")},
		{"compelling_grounds", []Right{Objection}, memory("UK GDPR Art. 21(1)")},
		{"restricted_by_law", nil, memory("DPA 2018 s. 15, Sch. 2-4")},
	},
	Route:               memory("UK GDPR Art. 12(4); DPA 2018 s. 164A, 165, 167"),
	NeverDisclose:       credentials,
	NeverDiscloseSource: memory("UK GDPR Art. 32(1)"),
	PassOn:              memory("UK GDPR Art. 19"),
	Duties: []Duty{
		{
			Kind:     KindBreachAuthority,
			Term:     Term{Hours: 72, Source: memory("UK GDPR Art. 33(1)")},
			Contents: []string{"nature", "numbers", "records", "contact", "consequences", "measures"},
			Exempt:   []string{"unlikely_risk"},
		},
		{
			Kind:     KindBreachPeople,
			Term:     Term{AtOnce: true, Source: memory("UK GDPR Art. 34(1)")},
			Contents: []string{"nature", "contact", "consequences", "measures"},
			Exempt:   []string{"no_high_risk", "unintelligible", "averted", "public_notice"},
		},
	},
}
