package rights

// cnPIPL: the law itself says 及时 (promptly) and names no number of days; the numbers are those of the recommended
// national standard and of the App rules, to which regulators hold.
var cnPIPL = Regime{
	ID:   "cn_pipl",
	Law:  confirmed("PIPL (2021); Network Data Security Management Regulations (State Council Order 790); GB/T 35273-2020"),
	Zone: "Asia/Shanghai",
	Rights: []Grant{
		{Access, confirmed("PIPL Art. 45(1)-(2)")},
		{Portability, confirmed("PIPL Art. 45(3); NDSMR Art. 25")},
		{Rectification, confirmed("PIPL Art. 46")},
		{Erasure, confirmed("PIPL Art. 47; NDSMR Art. 23, 24")},
		{Restriction, confirmed("PIPL Art. 44")},
		{Objection, confirmed("PIPL Art. 44")},
		{OptOut, confirmed("PIPL Art. 24(2)")}, // marketing not by personal traits, or an easy way to refuse
		{Explanation, confirmed("PIPL Art. 24(3), 48")},
		{Consent, confirmed("PIPL Art. 15, 16")},
		{Complaint, confirmed("PIPL Art. 50")},
	},
	// Civil Code Art. 201: the first day is out; Art. 203: an end on a day of rest moves to the day after it.
	Reply:        Term{Days: 30, NextWorkingDay: true, Remark: "note.cn_standard", Source: memory("GB/T 35273-2020 8.7(a); Civil Code Art. 201, 203")},
	Cancellation: Term{WorkingDays: 15, Remark: "note.cn_cancellation", Source: memory("GB/T 35273-2020 8.5; App rules (2019) 6")},
	Stops: []Stop{
		{Why: ForIdentity, Restarts: true, Source: memory("GB/T 35273-2020 8.7(a)")},
	},
	Places: []string{"CN"},
	Refusals: []Ground{
		{"confidential_by_law", looking, confirmed("PIPL Art. 45(1), 18(1), 35")},
		{"unidentified", nil, memory("GB/T 35273-2020 8.7(a)")},
		{"accurate", []Right{Rectification}, confirmed("PIPL Art. 46(2)")},
		{"retention_period", []Right{Erasure}, confirmed("PIPL Art. 47(2)")}, // then only storage and security remain
		{"technically_hard", []Right{Erasure}, confirmed("PIPL Art. 47(2)")},
		{"transfer_conditions", []Right{Portability}, confirmed("PIPL Art. 45(3); NDSMR Art. 25")},
		{"legal_obligation", nil, memory("GB/T 35273-2020 8.7(e)")},
		{"public_security", nil, memory("GB/T 35273-2020 8.7(e)")},
		{"others_rights", nil, memory("GB/T 35273-2020 8.7(e)")},
		{"trade_secret", looking, memory("GB/T 35273-2020 8.7(e)")},
		{"unfounded", nil, memory("GB/T 35273-2020 8.7(e)")},
	},
	Route:               confirmed("PIPL Art. 50, 65"),
	NeverDisclose:       credentials,
	NeverDiscloseSource: memory("PIPL Art. 51"),
	Duties: []Duty{
		{Kind: KindBreachAuthority, Operator: OperatorCIIO, Term: incident(1), Contents: incidentReport},
		{Kind: KindBreachAuthority, Operator: OperatorCentral, Term: incident(2), Contents: incidentReport},
		{Kind: KindBreachAuthority, Term: incident(4), Contents: incidentReport}, // to the provincial office
		{
			Kind:     KindBreachPeople,
			Term:     Term{AtOnce: true, Source: confirmed("PIPL Art. 57; NDSMR Art. 11")},
			Contents: []string{"types", "cause", "consequences", "measures", "advice", "contact"}, // PIPL Art. 57(1)-(3)
			Exempt:   []string{"harm_averted"},
		},
		{
			Kind: KindBreachSummary, // counted from the day handling ended
			Term: Term{Days: 30, Remark: "note.from_handling", InForce: incidentsSince, Source: confirmed("Cybersecurity Incident Reporting Measures (2025)")},
		},
	},
}

var (
	incidentsSince = NewDate(2025, 11, 1)
	incidentReport = []string{"nature", "types", "cause", "consequences", "measures", "contact"}
)

// incident is the time to report an incident that is at least relatively major; below that PIPL Art. 57 says at once.
func incident(hours int) Term {
	return Term{Hours: hours, Remark: "note.cn_incident", InForce: incidentsSince, Source: confirmed("Cybersecurity Incident Reporting Measures (2025) Art. 4; PIPL Art. 57")}
}
