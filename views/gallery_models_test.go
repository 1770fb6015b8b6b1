package views

import (
	"strings"

	"github.com/a-h/templ"

	"habeas/locale"
)

func pick(lang, english, chinese string) string {
	if lang == locale.Chinese {
		return chinese
	}
	return english
}

// gallery is every customer page in every state. The first part of a name is the tab it belongs to; names that begin
// with start or bare are drawn for somebody who is not signed in.
func gallery(lang string) map[string]templ.Component {
	say := func(english, chinese string) string { return pick(lang, english, chinese) }
	tr := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	wrongCode := []Fault{{"code", say("That code is not right. You have 4 tries left", "验证码不正确，还可以尝试 4 次")}}
	const mailbox, masked, ref = "lin.qing@example.com", "l****@example.com", "HB-7Q4K-9TXM"
	day, later, soon := say("21 November 2026", "2026年11月21日"), say("21 December 2026", "2026年12月21日"), say("24 November 2026, 09:40", "2026年11月24日 09:40")

	correction := CorrectPage{Source: "shop", Collection: "customers", ID: "7", Field: "phone", Label: say("Mobile number", "手机号码"),
		Where: say("Customer profile, shop database", "客户资料，商城数据库"), Old: "+86 138 0013 2046", New: "+86 138 0013 2064"}
	asked := correction
	asked.Ask, asked.Long, asked.Label, asked.Old = true, true, say("Delivery address", "收货地址"), "18 Harbour Street\nFlat 6\nBristol BS1 4RN"
	asked.New, asked.Reason = "81 Harbour Street\nFlat 6\nBristol BS1 4RN", say("The digits are swapped.", "门牌号数字颠倒了。")
	faulty := asked
	faulty.Faults = []Fault{{"value", say("Change the value, or leave it as it is", "请修改内容，或选择不作更改")}, {"reason", say("Shorten this by 12 characters", "请缩短 12 个字符")}}

	choices := []RightChoice{}
	for _, r := range []string{"access", "portability", "rectification", "erasure", "restriction", "objection", "opt_out", "explanation", "consent", "complaint"} {
		choices = append(choices, RightChoice{"/requests/new?right=" + r, tr("ask." + r), tr("ask." + r + ".text")})
	}
	progress := Progress{Done: 3, Of: 12, Label: tr("package.progress"), Text: tr("package.done_of", "Done", 3, "Total", 12)}

	pages := map[string]templ.Component{
		"start":                 Start(StartPage{}),
		"start-fault":           Start(StartPage{Email: "lin.qing@", Faults: []Fault{{"email", tr("email.format")}}}),
		"start-verify":          Verify(VerifyPage{Address: masked}),
		"start-verify-resent":   Verify(VerifyPage{Address: masked, Resent: true}),
		"start-verify-fault":    Verify(VerifyPage{Address: masked, Faults: wrongCode}),
		"start-verify-expired":  Verify(VerifyPage{Address: masked, State: "expired"}),
		"start-verify-locked":   Verify(VerifyPage{Address: masked, State: "locked"}),
		"start-verify-other":    Verify(VerifyPage{State: "elsewhere"}),
		"bare-enter":            Enter(EnterPage{Token: "t0ken", Here: true}),
		"bare-enter-other":      Enter(EnterPage{Token: "t0ken"}),
		"bare-enter-gone":       Enter(EnterPage{State: "gone"}),
		"start-choose":          Choose(ChoosePage{Asked: say("Postcode of your delivery address", "收货地址的邮政编码"), Hint: say("For example BS1 4RN", "例如 200040")}),
		"start-choose-fault":    Choose(ChoosePage{Asked: say("Customer number", "客户编号"), Datum: "123", Faults: []Fault{{"datum", say("That does not match", "信息不匹配")}}}),
		"data-confirm":          Confirm(ConfirmPage{Why: tr("confirm.why.export"), Address: masked, Return: "/export"}),
		"data-confirm-sent":     Confirm(ConfirmPage{Why: tr("confirm.why.reveal"), Address: masked, Return: "/data", Sent: true, Resent: true}),
		"data-confirm-fault":    Confirm(ConfirmPage{Why: tr("confirm.why.erase"), Address: masked, Return: "/erase", Sent: true, Faults: wrongCode}),
		"bare-signed-out":       SignedOut(false),
		"bare-signed-out-late":  SignedOut(true),
		"data":                  Data(exampleData(lang)),
		"data-nothing":          Data(DataPage{Address: mailbox, AsOf: day}),
		"data-collection":       OneCollection(exampleCollection(lang, 5)),
		"data-collection-wide":  OneCollection(exampleCollection(lang, 9)),
		"data-collection-empty": OneCollection(CollectionPage{Title: say("Support conversations", "客服记录"), Count: tr("count.records", "Count", 0, "Number", "0")}),
		"data-collection-down":  OneCollection(CollectionPage{Title: say("Orders", "订单"), Trouble: &Trouble{say("Shop database", "商城数据库"), tr("trouble.down")}}),
		"data-export":           Export(ExportPage{Waiting: Link{ref, "/export/" + ref}}),
		"data-package-queued":   Package(PackagePage{Reference: ref, State: "queued", Progress: Progress{Label: tr("package.progress"), Text: tr("package.counting")}}),
		"data-package-building": Package(PackagePage{Reference: ref, State: "building", Progress: progress}),
		"data-package-ready": Package(PackagePage{Reference: ref, State: "ready", Size: "1.4 MB", Until: soon,
			Missing: []Trouble{{say("Newsletter service", "邮件营销系统"), say("did not answer", "没有响应")}}}),
		"data-package-failed":   Package(PackagePage{Reference: ref, State: "failed"}),
		"data-package-expired":  Package(PackagePage{Reference: ref, State: "expired"}),
		"data-package-stopped":  Package(PackagePage{Reference: ref, State: "stopped"}),
		"data-correct":          Correct(correction),
		"data-correct-ask":      Correct(asked),
		"data-correct-fault":    Correct(faulty),
		"data-correct-check":    CorrectCheck(correction),
		"data-correct-askcheck": CorrectCheck(asked),
		"data-corrected":        Done(DonePage{Kind: "corrected", Reference: ref, Mailbox: mailbox}),
		"data-correct-asked":    Done(DonePage{Kind: "correct_asked", Reference: ref, Mailbox: mailbox, Received: day, Due: later}),
		"data-conflict": Conflict(ConflictPage{Label: say("Mobile number", "手机号码"), Seen: "+86 138 0013 2046", Now: "+86 139 1111 2222",
			Yours: "+86 138 0013 2064", Again: CorrectURL("shop", "customers", "7", "phone")}),
		"data-erase": Erase(ErasePage{CoolingOff: say("72 hours", "72 小时"), Goes: []Fact{{Term: say("Profile and addresses", "资料与地址"), Value: say("2 records", "2 条记录")}, {Term: say("What you looked at", "浏览记录"), Value: say("140 records", "140 条记录")}},
			Stays: []Fact{{Term: say("Invoices", "发票"), Value: say("Tax law: § 147 AO", "税务法规：《税收征收管理法》"), Why: say("Until 31 December 2036", "保存至2036年12月31日")}}}),
		"data-erase-asked": Done(DonePage{Kind: "erase", Reference: ref, Mailbox: mailbox, Received: day, NotBefore: soon, Due: later}),
		"consents":         Consents(exampleConsents(lang)),
		"consents-flash":   Consents(exampleConsents(lang)),
		"choices":          PrivacyChoices(exampleChoices(lang)),
		"choices-undo":     Undo(UndoPage{Title: locale.T(lang, "choices.opt_out.undo"), Text: locale.T(lang, "choices.opt_out.undo.text"), Action: "/choices/opt_out/undo", Button: locale.T(lang, "choices.opt_out.undo.go")}),
		"consents-none":    Consents(ConsentsPage{}),
		"consents-history": ConsentHistory(ConsentHistoryPage{Events: []ConsentLine{
			{say("Customer research", "客户调研"), Pill{tr("consents.choice.withdrawn"), ""}, soon, tr("consents.history.how", "Version", 3), "/consents/receipts/1.json"},
			{say("Customer research", "客户调研"), Pill{tr("consents.choice.granted"), "ok"}, day, tr("consents.history.how", "Version", 2), "/consents/receipts/2.json"}},
			Pager: Pager{Next: "/consents/history?after=2"}}),
		"consents-history-none": ConsentHistory(ConsentHistoryPage{}),
		"requests":              Requests(exampleRequests(lang)),
		"requests-none":         Requests(RequestsPage{}),
		"requests-one":          Request(exampleRequest(lang)),
		"requests-one-fault":    Request(faultyRequest(lang)),
		"requests-refused":      Request(refusedRequest(lang)),
		"requests-asked-for":    Request(askedFor(lang)),
		"requests-theirs":       ConfirmRequest(theirs(lang)),
		"requests-cancel":       Cancel(CancelPage{ref, tr("right.erasure")}),
		"requests-choose":       ChooseRight(ChooseRightPage{choices}),
		"requests-ask": Ask(AskPage{Right: "objection", Title: tr("ask.objection"), Lead: tr("ask.objection.text"), Needed: true, AnswerBy: later,
			Regimes: []Option{{Value: "eu_gdpr", Text: say("European Union (GDPR)", "欧盟（GDPR）"), Chosen: true}, {Value: "cn_pipl", Text: say("China (PIPL)", "中国（个人信息保护法）")}}}),
		"requests-ask-fault": Ask(AskPage{Right: "restriction", Title: tr("ask.restriction"), Lead: tr("ask.restriction.text"), Text: "…",
			Faults: []Fault{{"text", say("Shorten this by 12 characters", "请缩短 12 个字符")}}}),
		"requests-asked": Done(DonePage{Kind: "asked", Reference: ref, Mailbox: mailbox, Received: day, Due: later}),
		"activity": Activity(ActivityPage{Lines: []ActivityLine{
			{say("Opened your profile", "查看了您的资料"), say("A member of our privacy team", "个人信息保护团队成员"), soon, say("Customer called about HB-7Q4K-9TXM", "客户就 HB-7Q4K-9TXM 来电"), true},
			{say("Opened your data", "查看了您的信息"), tr("activity.you"), day, "", false}}, Pager: Pager{Next: "/activity?after=4"}}),
		"activity-none": Activity(ActivityPage{}),
		"security": Security(SecurityPage{Others: true, Sessions: []SessionLine{
			{"Firefox · Android", tr("security.when", "Since", day, "Seen", soon), true}, {"Safari · iPhone", tr("security.when", "Since", day, "Seen", day), false}}}),
		"security-only":  Security(SecurityPage{Sessions: []SessionLine{{"Firefox · Android", tr("security.when", "Since", day, "Seen", soon), true}}}),
		"bare-stop":      Stop(StopPage{Token: "t0ken", What: tr("right.erasure"), Reference: ref, When: soon}),
		"bare-stop-done": Stop(StopPage{State: "done", Reference: ref}),
		"bare-stop-gone": Stop(StopPage{State: "gone"}),
	}
	for _, kind := range problems {
		pages["bare-problem-"+strings.ReplaceAll(kind, "_", "-")] = Problem(ProblemPage{Kind: kind, Wait: say("4 minutes", "4 分钟"), Case: "01JD-4K7Q"})
	}
	pages["go-on"] = GoOn(GoOnPage{Action: "/correct", Fields: []Carried{{"value", "18 Harbour Street"}}})
	return pages
}

func exampleAbout(lang string) About {
	return About{
		Purpose: pick(lang, "To deliver what you ordered", "为履行与您的订单合同"), Basis: pick(lang, "Contract, GDPR Art. 6(1)(b)", "为订立、履行合同所必需（个保法第十三条第一款第二项）"),
		Retention: pick(lang, "10 years after the order", "订单完成后 10 年"), Recipients: pick(lang, "Parcel service", "快递公司"), Origin: pick(lang, "You gave it to us", "由您提供"),
	}
}

func exampleData(lang string) DataPage {
	say := func(english, chinese string) string { return pick(lang, english, chinese) }
	correct := func(field string) Link {
		return Link{locale.T(lang, "data.correct"), CorrectURL("shop", "customers", "7", field)}
	}
	whole := exampleAbout(lang)
	other := whole
	other.Purpose, other.Retention = say("To send you a birthday voucher", "用于发送生日礼券"), say("Until you withdraw your consent", "至您撤回同意时止")
	one := func(n int, s string) string { return locale.T(lang, "count.records", "Count", n, "Number", s) }
	about := func(source string) AboutAll { return AboutAll{Source: source, Whole: whole} }
	ofProfile := about(say("Shop database", "商城数据库"))
	ofProfile.Parts = []AboutPart{{Fields: say("Date of birth", "出生日期"), About: other}}
	profile := Record{Fields: []Datum{
		{Label: say("Full name", "姓名"), Value: "Lin Qing 林清", Act: correct("name")},
		{Label: say("Email address", "邮箱地址"), Value: "lin.qing@example.com", Act: Link{locale.T(lang, "data.ask_correct"), CorrectURL("shop", "customers", "7", "email")}},
		{Label: say("Mobile number", "手机号码"), Value: "+86 138 **** 2046", Masked: true, Act: correct("phone")},
		{Label: say("Date of birth", "出生日期"), Why: other.Purpose, Act: Link{locale.T(lang, "data.add"), CorrectURL("shop", "customers", "7", "birth")}},
		{Label: say("Notes", "备注"), Value: "https://example.com/a-very-long-address-without-any-break/which-must-not-push-the-page-wide?x=1234567890123456789012345678901234567890"},
	}}
	return DataPage{
		Address: "lin.qing@example.com", AsOf: say("21 November 2026", "2026年11月21日"), Masked: true, Reveal: "/confirm?return=/data",
		Troubles: []Trouble{{say("Newsletter service", "邮件营销系统"), locale.T(lang, "trouble.down")}},
		Withheld: []Withheld{{say("Fraud checks", "反欺诈核查记录"), say("Would reveal how we detect fraud: GDPR Art. 23(1)(d)", "披露将影响反欺诈工作")}},
		Categories: []Category{
			{"identity", say("Identity and contact", "身份与联系方式"), []Collection{{Title: say("Customer profile", "客户资料"), Source: say("Shop database", "商城数据库"), Count: one(1, "1"), About: ofProfile, Record: &profile}}},
			{"orders", say("Orders and payments", "订单与支付"), []Collection{{Title: say("Orders", "订单"), Source: say("Shop database", "商城数据库"), Count: one(1204, "1,204"), About: about(say("Shop database", "商城数据库")), All: "/data/shop/orders"}}},
			{"usage", say("Devices and usage", "设备与使用情况"), []Collection{{Title: say("Visits", "访问记录"), Source: say("Web analytics", "网站分析系统"), Count: one(90211, "90,211"), About: about(say("Web analytics", "网站分析系统")), All: "/data/web/visits"}}},
		},
	}
}

func exampleCollection(lang string, columns int) CollectionPage {
	say := func(english, chinese string) string { return pick(lang, english, chinese) }
	all := []Datum{
		{Label: say("Order", "订单号"), Value: "1042"}, {Label: say("Placed on", "下单日期"), Value: say("4 August 2026", "2026年8月4日")},
		{Label: say("Total", "金额"), Value: "€ 39.62"}, {Label: say("Card", "银行卡"), Value: "**** 4242", Masked: true},
		{Label: say("Ship to", "收货人"), Value: "Lin Qing 林清", Act: Link{locale.T(lang, "data.correct"), CorrectURL("shop", "orders", "1042", "ship_to")}},
		{Label: say("Street", "街道"), Value: "18 Harbour Street, Flat 6"}, {Label: say("City", "城市"), Value: "Bristol"},
		{Label: say("Postcode", "邮政编码"), Value: "BS1 4RN"}, {Label: say("Gift note", "礼品留言")},
	}
	m := CollectionPage{
		Title: say("Orders", "订单"), Source: say("Shop database", "商城数据库"), Count: locale.T(lang, "count.records", "Count", 1204, "Number", "1,204"),
		About: AboutAll{Source: say("Shop database", "商城数据库"), Whole: exampleAbout(lang)}, Masked: true, Reveal: "/confirm?return=/data/shop/orders",
		Pager: Pager{First: "/data/shop/orders", Next: "/data/shop/orders?after=1017", Text: locale.T(lang, "collection.showing", "From", "51", "To", "54", "Total", "1,204")},
	}
	for range 4 {
		m.Records = append(m.Records, Record{Title: say("Order ", "订单 ") + "1042", Fields: all[:columns]})
	}
	return m
}

func exampleConsents(lang string) ConsentsPage {
	say := func(english, chinese string) string { return pick(lang, english, chinese) }
	on := locale.T(lang, "consents.since.granted", "Date", say("20 November 2025", "2025年11月20日"))
	return ConsentsPage{Any: true, Purposes: []PurposeRow{
		{"newsletter", say("News and offers by email", "邮件资讯与优惠"), say("About two emails a month, written for everyone on the list.", "每月约两封，内容对所有订阅者相同。"), true, on,
			locale.T(lang, "consents.until", "Date", say("20 November 2027", "2027年11月20日")), false, ""},
		{"research", say("Customer research", "客户调研"), say("We may invite you to a survey or an interview, at most twice a year.", "我们可能邀请您参加问卷或访谈，每年最多两次。"), false,
			locale.T(lang, "consents.since.withdrawn", "Date", say("15 February 2026", "2026年2月15日")), "", false, say("Stopped on 3 March 2026: you objected.", "自2026年3月3日起停止：您已拒绝。")},
		{"profiling", say("Personal recommendations", "个性化推荐"), say("We use what you bought and viewed to choose products to show you.", "根据您的购买和浏览记录选择展示的商品（自动化决策）。"), false, on, "", true, ""},
		{"partners", say("Sharing with delivery partners for their own offers", "向配送合作方提供信息用于其自身推广"), say("Your name and postcode area go to three named partners. Never your email address.", "仅向三家列明的合作方提供您的姓名和邮编区域，绝不提供邮箱。"), false,
			locale.T(lang, "consents.since.never"), "", false, ""},
	}}
}

func exampleChoices(lang string) ChoicesPage {
	t := func(key string) string { return locale.T(lang, key) }
	since := locale.T(lang, "choices.since", "Date", pick(lang, "3 March 2026", "2026年3月3日"))
	return ChoicesPage{SignedIn: true, Flags: []ChoiceRow{
		{Title: t("choices.opt_out"), Text: t("choices.opt_out.text"), State: Pill{t("choices.on"), "ok"}, Since: since, Link: Link{t("choices.opt_out.undo"), "/choices/opt_out/undo"}},
		{Title: t("choices.limit"), Text: t("choices.limit.text"), Action: "/choices/limit", Button: t("choices.limit.go")},
	}, Purposes: []ChoiceRow{
		{Title: pick(lang, "Newsletter", "资讯邮件"), Text: pick(lang, "News twice a month", "每月两次"), Action: "/choices/objection", Purpose: "newsletter", Button: t("choices.object")},
	}}
}

func exampleRequests(lang string) RequestsPage {
	tr := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	on := tr("requests.received", "Date", pick(lang, "21 November 2026", "2026年11月21日"))
	return RequestsPage{
		Open: []RequestLine{
			{"HB-7Q4K-9TXM", tr("right.erasure"), on, Pill{tr("state.in_progress"), "ok"}, Due{tr("due.left", "Count", 26), "", "", 12}},
			{"HB-2M8R-KD3V", tr("right.rectification"), on, Pill{tr("state.paused"), "warn"}, Due{tr("due.left", "Count", 2), "", "soon", 92}},
			{"HB-9XWE-41PC", tr("right.objection"), on, Pill{tr("state.received"), "new"}, Due{tr("due.late", "Count", 1), "", "late", 100}},
		},
		Closed: []RequestLine{{"HB-3ZZQ-7C0N", tr("right.access"), on, Pill{tr("state.fulfilled"), ""}, Due{}}},
		Pager:  Pager{Next: "/requests?after=HB"},
	}
}

func exampleRequest(lang string) RequestPage {
	say := func(english, chinese string) string { return pick(lang, english, chinese) }
	tr := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	day, later := say("21 November 2026", "2026年11月21日"), say("21 December 2026", "2026年12月21日")
	return RequestPage{
		Reference: "HB-7Q4K-9TXM", Title: tr("right.rectification"), State: Pill{tr("state.in_progress"), "ok"}, Due: Due{tr("due.left", "Count", 26), later, "", 12},
		Facts: []Fact{{Term: tr("request.fact.received"), Value: day}, {Term: tr("request.fact.due"), Value: later, Why: "GDPR Art. 12(3)"},
			{Term: tr("request.fact.regime"), Value: say("European Union (GDPR)", "欧盟（GDPR）")}, {Term: tr("request.fact.channel"), Value: tr("request.channel.portal")}},
		Dates: []LawDate{{say("Answer", "答复"), later, "GDPR Art. 12(3); Reg. 1182/71 Art. 3(4)", ""},
			{say("Answer, if extended", "延长后的答复"), say("22 February 2027", "2027年2月22日"), "GDPR Art. 12(3)", say("Only if we tell you why by 21 December.", "须在 12 月 21 日前说明理由。")}},
		Change: &Change{Label: say("Delivery address", "收货地址"), Old: "18 Harbour Street", New: "81 Harbour Street", Reason: say("The digits are swapped.", "门牌号数字颠倒了。")},
		Steps:  []Step{{tr("done.received"), day, "done"}, {tr("done.checking"), say("since 22 November 2026", "自 2026年11月22日起"), "now"}, {tr("done.answer"), tr("done.answer.text", "Date", later), ""}},
		Messages: []Message{
			{From: tr("request.from.you"), When: day, Text: say("The courier keeps going to the wrong house.", "快递总是送到别人家。"),
				Files: []FileLine{{Name: say("contract.pdf", "租房合同.pdf"), Href: "/requests/HB-7Q4K-9TXM/files/1", About: "PDF · 1.2 MB"}}},
			{From: tr("request.from.us"), Us: true, When: later, Text: say("Thank you. We have asked the warehouse.\nYou hear from us this week.", "谢谢，我们已联系仓库核实。\n本周内答复您。")},
		},
		CanReply: true, CanCancel: true,
	}
}

// askedFor is a request that somebody else asked for in the person's name; a complaint about its answer can be made.
func askedFor(lang string) RequestPage {
	m := exampleRequest(lang)
	m.Asked = locale.T(lang, "yours.asked.mandate")
	m.Complain = Link{locale.T(lang, "appeal.go"), "/requests/new?right=complaint&about=HB-7Q4K-9TXM"}
	m.About = []Link{{locale.T(lang, "complain.complaint", "What", locale.T(lang, "right.complaint"), "Ref", "HB-1A2B-3C4D"), "/requests/HB-1A2B-3C4D"}}
	return m
}

func theirs(lang string) ConfirmRequestPage {
	return ConfirmRequestPage{
		Reference: "HB-7Q4K-9TXM", Title: locale.T(lang, "right.access"), Text: locale.T(lang, "yours.lead.mandate"),
		Facts: []Fact{{Term: locale.T(lang, "yours.fact.right"), Value: locale.T(lang, "right.access")},
			{Term: locale.T(lang, "mandate.as"), Value: locale.T(lang, "mandate.kind.agent")}},
		Files:  []FileLine{{Name: pick(lang, "mandate.pdf", "授权委托书.pdf"), Href: "/requests/HB-7Q4K-9TXM/files/2", About: "PDF · 120 KB"}},
		Faults: []Fault{{"answer", locale.T(lang, "yours.error.shared")}},
	}
}

func faultyRequest(lang string) RequestPage {
	m := exampleRequest(lang)
	m.Faults = []Fault{{"text", pick(lang, "Write a message first", "请先填写内容")}}
	return m
}

func refusedRequest(lang string) RequestPage {
	say := func(english, chinese string) string { return pick(lang, english, chinese) }
	m := exampleRequest(lang)
	m.CanReply, m.CanCancel, m.Due, m.State = false, false, Due{}, Pill{locale.T(lang, "state.refused"), "bad"}
	m.Refusal = &Refusal{say("We must keep it by law", "法律、行政法规规定须保存"), "GDPR Art. 17(3)(b)", say("The invoices of 2026 are part of our books.", "2026 年的发票属于账簿凭证。"),
		say("If you disagree, you can complain to", "如有异议，您可以投诉至"), Link{say("Data Protection Commission", "国家互联网信息办公室"), "https://authority.example/"}, false}
	m.Change.Decision, m.Change.Ground = Pill{locale.T(lang, "request.decision.declined"), "bad"}, say("We checked, and the stored value is right.", "经核实，现有内容准确。")
	m.Answer, m.Result = say("Answered on 2 December 2026.", "已于2026年12月2日答复。"), Link{locale.T(lang, "request.package"), "/export/HB-7Q4K-9TXM"}
	return m
}
