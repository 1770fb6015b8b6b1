package rights

var brLGPD = Regime{
	ID:   "br_lgpd",
	Law:  confirmed("Lei 13.709/2018 (LGPD)"),
	Zone: "America/Sao_Paulo",
	Rights: []Grant{
		{Access, confirmed("LGPD Art. 18 II, 19")},
		{Portability, memory("LGPD Art. 18 V")},
		{Rectification, memory("LGPD Art. 18 III")},
		{Erasure, memory("LGPD Art. 18 IV, VI")},
		{Restriction, memory("LGPD Art. 18 IV")},
		{Objection, memory("LGPD Art. 18 § 2")},
		{Explanation, memory("LGPD Art. 20")},
		{Consent, memory("LGPD Art. 8 § 5, 18 IX")},
		{Complaint, memory("LGPD Art. 18 § 1")},
	},
	// For the complete statement; the simplified one is owed at once (Art. 19 I).
	Reply:  Term{Days: 15, Remark: "note.br_simplified", Source: confirmed("LGPD Art. 19 II")},
	Places: []string{"BR"},
	Refusals: []Ground{
		{"not_controller", nil, memory("LGPD Art. 18 § 4 I")},
		{"impossible", nil, memory("LGPD Art. 18 § 4 II")}, // reasons of fact or of law, to be named
		{"legal_obligation", []Right{Erasure}, memory("LGPD Art. 16 I")},
		{"archiving", []Right{Erasure}, memory("LGPD Art. 16 II")},
		{"trade_secret", []Right{Access, Portability, Explanation}, memory("LGPD Art. 18 V, 19 II, 20 § 1")},
		{"unidentified", nil, memory("LGPD Art. 18 § 3")},
		{"accurate", []Right{Rectification}, memory("LGPD Art. 18 III")},
	},
	Route:               memory("LGPD Art. 18 § 1, § 8"),
	NeverDisclose:       credentials,
	NeverDiscloseSource: memory("LGPD Art. 46"),
	PassOn:              memory("LGPD Art. 18 § 6"),
	Duties: []Duty{
		{Kind: KindBreachAuthority, Term: Term{WorkingDays: 3, Source: confirmed("Res. CD/ANPD 15/2024 Art. 6; LGPD Art. 48")}, Contents: []string{"types", "numbers", "consequences", "measures", "contact"}, Exempt: []string{"unlikely_risk"}},
		{Kind: KindBreachPeople, Term: Term{WorkingDays: 3, Source: confirmed("Res. CD/ANPD 15/2024 Art. 9; LGPD Art. 48")}, Contents: []string{"types", "nature", "consequences", "measures", "advice", "contact"}, Exempt: []string{"unlikely_risk"}},
	},
}

var dpdpSince = NewDate(2027, 5, 13) // 18 months after the Rules; commentary says 13 or 14 May

var inDPDP = Regime{
	ID:   "in_dpdp",
	Law:  confirmed("Digital Personal Data Protection Act 2023; DPDP Rules 2025"),
	Zone: "Asia/Kolkata",
	Rights: []Grant{
		{Access, confirmed("DPDP Act s. 11")},
		{Rectification, confirmed("DPDP Act s. 12")},
		{Erasure, confirmed("DPDP Act s. 12")},
		{Consent, memory("DPDP Act s. 6(4)")},
		{Complaint, confirmed("DPDP Act s. 13")},
	},
	Reply: Term{Days: 90, InForce: dpdpSince, Source: confirmed("DPDP Rules 2025 r. 14(3)")},
	Refusals: []Ground{
		{"unidentified", nil, memory("DPDP Rules 2025 r. 14")},
		{"legal_obligation", []Right{Erasure}, memory("DPDP Act s. 12(3)")},
		{"still_needed", []Right{Erasure}, memory("DPDP Act s. 12(3)")},
		{"accurate", []Right{Rectification}, memory("DPDP Act s. 12(2)")},
		{"exempt", nil, memory("DPDP Act s. 17")},
	},
	Route:               memory("DPDP Act s. 13(3), 27"),
	NeverDisclose:       credentials,
	NeverDiscloseSource: memory("DPDP Act s. 8(5)"),
	Duties: []Duty{
		{Kind: KindBreachAuthority, Term: Term{Hours: 72, InForce: dpdpSince, Remark: "note.in_board_first", Source: confirmed("DPDP Rules 2025 r. 7(2)")}, Contents: []string{"nature", "cause", "consequences", "measures"}},
		{Kind: KindBreachPeople, Term: Term{AtOnce: true, InForce: dpdpSince, Source: confirmed("DPDP Rules 2025 r. 7(1)(a)-(e)")}, Contents: []string{"nature", "consequences", "measures", "advice", "contact"}},
	},
}

var caQuebec = Regime{
	ID:   "ca_qc",
	Law:  confirmed("CQLR c. P-39.1"),
	Zone: "America/Toronto",
	Rights: []Grant{
		{Access, memory("P-39.1 s. 27")},
		{Portability, memory("P-39.1 s. 27 para. 3")},
		{Rectification, memory("P-39.1 s. 28; Civil Code of Québec art. 40")},
		{Erasure, memory("P-39.1 s. 28, 28.1")},
		{Explanation, memory("P-39.1 s. 12.1")},
		{Consent, memory("P-39.1 s. 8")},
	},
	Reply: Term{Days: 30, Remark: "note.qc_silence", Source: memory("P-39.1 s. 32")}, // silence is a refusal
	Refusals: []Ground{
		{"unidentified", nil, memory("P-39.1 s. 30")},
		{"legal_claims", looking, memory("P-39.1 s. 39")},
		{"others_rights", looking, memory("P-39.1 s. 40")},
		{"unfounded", nil, memory("P-39.1 s. 46")}, // only with the Commission's leave
		{"accurate", []Right{Rectification}, memory("P-39.1 s. 28")},
		{"legal_obligation", []Right{Erasure}, memory("P-39.1 s. 23")},
	},
	Route:               memory("P-39.1 s. 34, 42"),
	NeverDisclose:       credentials,
	NeverDiscloseSource: memory("P-39.1 s. 10"),
	Duties: []Duty{
		{Kind: KindBreachAuthority, Term: Term{AtOnce: true, Source: memory("P-39.1 s. 3.5")}, Contents: []string{"nature", "types", "numbers", "measures", "contact"}, Exempt: []string{"unlikely_risk"}},
		{Kind: KindBreachPeople, Term: Term{AtOnce: true, Source: memory("P-39.1 s. 3.5")}, Contents: []string{"types", "nature", "measures", "advice", "contact"}, Exempt: []string{"unlikely_risk"}},
	},
}
