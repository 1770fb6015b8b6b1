package rights

var ccpa = Regime{
	ID:   "ccpa",
	Law:  confirmed("Cal. Civ. Code 1798.100 ff.; 11 CCR 7000 ff. (as amended from 1 January 2026)"),
	Zone: "America/Los_Angeles",
	Rights: []Grant{
		{Access, confirmed("Cal. Civ. Code 1798.100, 1798.110, 1798.115")},
		{Portability, memory("Cal. Civ. Code 1798.130(a)(3)(B)(iii)")},
		{Rectification, confirmed("Cal. Civ. Code 1798.106")},
		{Erasure, confirmed("Cal. Civ. Code 1798.105")},
		{Restriction, memory("Cal. Civ. Code 1798.121; 11 CCR 7027(g)")}, // limit the use of sensitive personal information
		{OptOut, confirmed("Cal. Civ. Code 1798.120")},
	},
	// "Business day" is defined nowhere in the CCPA: the later date skips holidays, alerts go by weekends only.
	Ack:    Term{WorkingDays: 10, DayUndefined: true, Remark: "note.business_day", Source: confirmed("11 CCR 7021(a)")},
	AckFor: []Right{Access, Portability, Erasure, Rectification},
	// The 45 days "begin on the day that the business receives the request", however long verifying takes.
	Reply:     Term{Days: 45, DayOneToo: true, Source: confirmed("11 CCR 7021(b); Cal. Civ. Code 1798.130(a)(2)(A)")},
	Extension: Term{Days: 45, Source: confirmed("11 CCR 7021(b); Cal. Civ. Code 1798.130(a)(2)(A)")}, // at most 90 in all
	OptOut:    Term{WorkingDays: 15, DayUndefined: true, Remark: "note.business_day", Source: confirmed("11 CCR 7026(f)")},
	OptOutFor: []Right{OptOut, Restriction},
	Records:   Term{Months: 24, Remark: "note.from_answer", Source: confirmed("11 CCR 7101(a)")},
	Places:    []string{"US", "US-CA"},
	Refusals: []Ground{
		{"unidentified", []Right{Access, Portability, Erasure, Rectification}, confirmed("11 CCR 7021(b), 7022(a), 7023(a)")},
		{"not_consumer", nil, confirmed("11 CCR 7102(a)")},
		{"exempt", nil, memory("Cal. Civ. Code 1798.145, 1798.146")},
		{"unfounded", nil, memory("Cal. Civ. Code 1798.145(h)(3)")},
		{"too_often", looking, memory("Cal. Civ. Code 1798.130(b)")},
		{"accurate", []Right{Rectification}, memory("11 CCR 7023(b)")},
		{"needed_for_contract", []Right{Erasure}, memory("Cal. Civ. Code 1798.105(d)(1)")},
		{"security", []Right{Erasure}, memory("Cal. Civ. Code 1798.105(d)(2)")},
		{"expression", []Right{Erasure}, memory("Cal. Civ. Code 1798.105(d)(4)")},
		{"legal_obligation", []Right{Erasure}, memory("Cal. Civ. Code 1798.105(d)(8)")},
		{"fraudulent", []Right{OptOut, Restriction}, memory("11 CCR 7026(e), 7027(f)")},
	},
	Route:               memory("Cal. Civ. Code 1798.199.45"),
	NeverDisclose:       neverInCalifornia,
	NeverDiscloseSource: confirmed("11 CCR 7024(d)"),
	PassOn:              memory("Cal. Civ. Code 1798.105(c)(1), (3); 11 CCR 7022(b), 7023(c)"),
	Duties: []Duty{
		{
			Kind:     KindBreachPeople,
			Term:     Term{Days: 30, Source: confirmed("Cal. Civ. Code 1798.82(a)(2)(A)")},
			Contents: []string{"ca_what_happened", "ca_what_information", "ca_what_we_do", "ca_what_you_can_do", "ca_more"}, // 1798.82(d)(1)
			Exempt:   []string{"police_delay", "unintelligible"},
		},
		{
			Kind:     KindBreachSample, // counted from the day people were told
			Term:     Term{Days: 15, Remark: "note.from_telling", Source: confirmed("Cal. Civ. Code 1798.82(f)")},
			MoreThan: 500,
		},
	},
}

// neverInCalifornia lists what an answer names but never shows: "a driver's licence number ending in …" is too much
// already. Fideslang renamed some of its keys in 3.2; data maps of both kinds are in use.
var neverInCalifornia = append([]string{
	"user.government_id", "user.biometric",
	"user.financial.account_number", "user.financial.bank_account", "user.financial.credit_card",
	"user.health_and_medical.insurance_beneficiary_id", "user.health_and_medical.record_id",
	"user.health.insurance_beneficiary_id", "user.health.record_id",
}, credentials...)

var usVirginia = Regime{
	ID:   "us_va",
	Law:  confirmed("Va. Code 59.1-575 ff."),
	Zone: "America/New_York",
	Rights: []Grant{
		{Access, confirmed("Va. Code 59.1-577(A)(1)")},
		{Portability, confirmed("Va. Code 59.1-577(A)(4)")},
		{Rectification, confirmed("Va. Code 59.1-577(A)(2)")},
		{Erasure, confirmed("Va. Code 59.1-577(A)(3)")},
		{OptOut, confirmed("Va. Code 59.1-577(A)(5)")},
		{Complaint, confirmed("Va. Code 59.1-577(C)")},
	},
	Reply:     Term{Days: 45, Source: confirmed("Va. Code 59.1-577(B)(1)")},
	Extension: Term{Days: 45, Source: confirmed("Va. Code 59.1-577(B)(1)")},
	Appeal:    Term{Days: 60, Remark: "note.from_appeal", Source: confirmed("Va. Code 59.1-577(C)")},
	Refusals: []Ground{
		{"unidentified", nil, memory("Va. Code 59.1-577(B)(4)")},
		{"unfounded", nil, memory("Va. Code 59.1-577(B)(3)")},
		{"too_often", looking, memory("Va. Code 59.1-577(B)(3)")},
		{"legal_obligation", []Right{Erasure}, memory("Va. Code 59.1-582(A)")},
		{"legal_claims", []Right{Erasure}, memory("Va. Code 59.1-582(A)")},
		{"security", []Right{Erasure}, memory("Va. Code 59.1-582(A)")},
		{"exempt", nil, memory("Va. Code 59.1-576, 59.1-582")},
	},
	Route:               memory("Va. Code 59.1-577(C)"), // an online way to the Attorney General once the appeal is denied
	NeverDisclose:       credentials,
	NeverDiscloseSource: memory("Va. Code 59.1-578(A)(3)"),
	Duties: []Duty{
		{Kind: KindBreachAuthority, Term: Term{AtOnce: true, Source: memory("Va. Code 18.2-186.6(B)")}, Contents: []string{"nature", "measures"}},
		{Kind: KindBreachPeople, Term: Term{AtOnce: true, Source: memory("Va. Code 18.2-186.6(B)")}, Contents: []string{"nature", "types", "measures", "contact", "advice"}, Exempt: []string{"unintelligible", "police_delay"}},
	},
}

var usColorado = Regime{
	ID:   "us_co",
	Law:  confirmed("C.R.S. 6-1-1301 ff.; 4 CCR 904-3"),
	Zone: "America/Denver",
	Rights: []Grant{
		{Access, confirmed("C.R.S. 6-1-1306(1)(b)")},
		{Portability, memory("C.R.S. 6-1-1306(1)(e)")},
		{Rectification, memory("C.R.S. 6-1-1306(1)(c)")},
		{Erasure, memory("C.R.S. 6-1-1306(1)(d)")},
		{OptOut, confirmed("C.R.S. 6-1-1306(1)(a)")},
		{Complaint, memory("C.R.S. 6-1-1306(3)")},
	},
	Reply:           Term{Days: 45, Source: confirmed("C.R.S. 6-1-1306(2)(a)")},
	Extension:       Term{Days: 45, Source: confirmed("C.R.S. 6-1-1306(2)(a)")},
	Appeal:          Term{Days: 45, Remark: "note.from_appeal", Source: memory("C.R.S. 6-1-1306(3)(b)")},
	AppealExtension: Term{Days: 60, Remark: "note.from_appeal", Source: memory("C.R.S. 6-1-1306(3)(b)")},
	Records:         Term{Months: 24, Remark: "note.from_answer", Source: memory("4 CCR 904-3, Rule 6.11")},
	Refusals: []Ground{
		{"unidentified", nil, memory("C.R.S. 6-1-1306(2)(d)")},
		{"too_often", looking, memory("C.R.S. 6-1-1306(2)(c)")},
		{"trade_secret", []Right{Portability}, memory("C.R.S. 6-1-1306(1)(e)")},
		{"legal_obligation", []Right{Erasure}, memory("C.R.S. 6-1-1304(3)(a)")},
		{"legal_claims", []Right{Erasure}, memory("C.R.S. 6-1-1304(3)(a)")},
		{"security", []Right{Erasure}, memory("C.R.S. 6-1-1304(3)(a)")},
		{"exempt", nil, memory("C.R.S. 6-1-1304")},
	},
	Route:               memory("C.R.S. 6-1-1306(3)(c)"),
	NeverDisclose:       neverInCalifornia,
	NeverDiscloseSource: memory("4 CCR 904-3, Rule 4.04"),
	Duties: []Duty{
		{Kind: KindBreachAuthority, Term: Term{Days: 30, Source: memory("C.R.S. 6-1-716(2)(f)")}, MoreThan: 499, Contents: []string{"nature", "numbers", "measures"}},
		{Kind: KindBreachPeople, Term: Term{Days: 30, Source: memory("C.R.S. 6-1-716(2)(a)")}, Contents: []string{"nature", "types", "contact", "advice"}, Exempt: []string{"unintelligible", "police_delay"}},
	},
}
