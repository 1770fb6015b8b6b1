package demo

import (
	"habeas/mail"
	"habeas/rights"
	"habeas/workflow"
)

// paper is a page that somebody encloses.
var paper = workflow.Upload{Name: "catalogue-label.pdf", Body: []byte("%PDF-1.4\n" +
	"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" +
	"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>endobj\n" +
	"4 0 obj<</Length 66>>stream\nBT /F 14 Tf 40 120 Td (Mr A. Pemberton, 3 Chapel Row, Leeds) Tj ET\nendstream endobj\n" +
	"trailer<</Root 1 0 R>>\n%%EOF\n")}

// scenes are two months of the privacy desk of a small shop, in the order of its people. Soon is how many days ago a
// request came in that is owed an answer within days.
func scenes(soon int) []scene {
	return []scene{
		// Maeve asks who got her number, and is still waiting: the answer is late.
		{55, "19:20", maeve, chooses(rights.Granted, "newsletter", "recommendations", "analytics")},
		{41, "10:12", maeve, asks("who got it", rights.Access, "Somebody who knew my order number rang me last week and offered a loan. Please tell me every company that was given my phone number since 2024, and on which day.")},
		{40, "09:05", officer, takes("who got it")},
		{38, "14:40", officer, replies("who got it", "Thank you for telling us, that should not happen to anyone. We have asked the three couriers we work with for their records and will write again as soon as we have them.")},
		{37, "08:15", maeve, says("who got it", "Thank you. It may help that the caller named the blue teapot, which I ordered only once, in spring.")},
		{29, "16:30", officer, notes("who got it", "Two of three couriers have answered: nothing passed on. Blue Barrow has not replied; rang them twice.")},
		{9, "21:02", maeve, chooses(rights.Withdrawn, "recommendations")},
		{9, "21:03", maeve, looks()},
		{6, "10:15", officer, adds("who got it", "Ask Blue Barrow in writing, by registered letter")},
		{5, "11:10", officer, reveals("who got it", "phone", "answer")},
		{5, "11:25", officer, notes("who got it", "@周敏 the letter to Blue Barrow is ready. Could you read it before it goes?")},
		{4, "18:44", maeve, says("who got it", "It has been more than a month now. Could you at least tell me what the two others said?")},
		{1, "07:50", maeve, looks()},

		// Jingyi, in Shanghai.
		{58, "12:30", jingyi, chooses(rights.Granted, "newsletter", "recommendations")},
		{34, "20:11", jingyi, corrects("birthday", "birth_date", "1990-09-06", "出生日期录入有误，应为 9 月 6 日，可提供身份证核对。")},
		{33, "09:40", approver, takes("birthday")},
		{32, "11:25", approver, accepts("birthday")},
		{12, "08:55", jingyi, chooses(rights.Withdrawn, "recommendations")},
		{3, "21:30", jingyi, asks("how grouped", rights.Explanation, "请说明我的账户为何被归入当前的客户分组，依据了哪些数据，对我看到的价格和优惠是否有影响。")},

		// Rosa, in Oakland.
		{38, "22:05", rosa, asks("do not sell", rights.OptOut, "Please do not sell or share my personal information with anyone.")},
		{36, "10:20", officer, fulfils("do not sell", "Done. We do not sell personal information; what went to Lantern & Loom for postal offers has stopped, and they have confirmed that they removed you.")},
		{16, "02:18", rosa, asks("pieces", rights.Access, "I would like to know the specific pieces of information you have collected about me in the last twelve months, and where each came from.")},
		{15, "11:10", approver, takes("pieces")},
		{14, "15:45", approver, replies("pieces", "We have your request. Nearly everything is on your data page already, with where it came from; we are adding what our paper archive holds. You will hear from us within 45 days of your request.")},
		{13, "10:05", approver, extends("pieces", "The paper archive has to be searched by hand.")},
		{13, "04:40", rosa, says("pieces", "That works, thank you. The paper part is what I am curious about.")},

		// Arthur, in Leeds, complains, and is told that his birthday is right.
		{45, "11:00", arthur, asks("pause it", rights.Restriction, "Kindly stop using my telephone number until the matter of the wrong invoice is settled.")},
		{43, "10:30", officer, fulfils("pause it", "We have marked your number so that nobody can use it, and will ask you before that changes.")},
		{12, "10:05", arthur, asks("complaint", rights.Complaint, "I asked twice by telephone to be taken off the postal list and the catalogues still come. I should like to know why nobody wrote it down.")},
		{10, "09:30", officer, takes("complaint")},
		{10, "09:34", officer, replies("complaint", "Dear Mr Pemberton, you are right to complain, and we are sorry. Your calls were taken by our shop, not by us. We are finding out what happened to the notes.")},
		{9, "12:40", arthur, says("complaint", "Here is the last catalogue's cover, with the label still on it.", paper)},
		{8, "16:20", arthur, corrects("years", "birth_date", "1953-11-05", "I believe you have me two years older than I am.")},
		{7, "11:15", approver, declines("years", "accurate", "We compared with the copy of your driving licence that you sent us in 2021 for the knives: it says 1951. If that copy is wrong, please send us a newer one and we will look again.")},
		{3, "10:45", arthur, complains("the licence", "years", "The licence of 2021 was misprinted and replaced the year after. I should like somebody else to look at this again.")},

		// Kenji takes his data along; the package was there for a day.
		{52, "23:10", kenji, chooses(rights.Granted, "newsletter", "analytics", "product_tests")},
		{24, "22:48", kenji, exports("copy")},
		{22, "10:15", officer, fulfils("copy", "The paper archive holds one signed order slip besides; a scan is on its way to you.")},
		{33, "09:12", kenji, asks("calls", rights.Access, "Please send me the recordings of my two calls with your help desk in spring.")},
		{32, "10:00", officer, takes("calls")},
		{28, "16:45", officer, fulfilsInPart("calls", "others_rights", "Your own words from both calls are with your request, written out. The recordings also hold another caller, whom we cannot cut out of them.")},
		{11, "13:37", kenji, chooses(rights.Withdrawn, "product_tests")},
		{1, "23:15", kenji, asks("stop watching", rights.Objection, "You keep a list of every page I opened for more than a year. I do not want that, and I do not see what you need it for.")},

		// Guoqiang mends his number himself; his birthday waits for an officer.
		{50, "19:00", guoqiang, chooses(rights.Granted, "newsletter")},
		{21, "20:26", guoqiang, corrects("number", "phone", "139 2255 0174", "")},
		{6, "20:40", guoqiang, corrects("born", "birth_date", "1982-08-18", "注册时误将农历日期当作公历填写，请更正。")},

		// Hanna's answer is due within days.
		{50, "12:01", hanna, chooses(rights.Granted, "newsletter", "partner_offers")},
		{44, "08:30", hanna, chooses(rights.Withdrawn, "partner_offers")},
		{soon, "12:00", hanna, asks("to another shop", rights.Portability, "I am moving to another club and would like my points and orders in a form their shop can read.")},
		{soon - 1, "10:00", approver, takes("to another shop")},
		{2, "15:00", approver, notes("to another shop", "Package made and checked. Waiting for the other shop to say which of our fields it reads.")},

		// Paolo changes his mind, twice; his account is in its last days of cooling off.
		{47, "17:33", paolo, asks("post", rights.Objection, "No more catalogues, please. My letterbox is small and I read everything here.")},
		{40, "09:50", officer, fulfils("post", "You are off the list for everything printed, from the autumn catalogue on.")},
		{6, "09:25", approver, reopens("post", "A catalogue was sent to him all the same: the printer had used an old list.")},
		{18, "18:00", paolo, asks("archive", rights.Access, "Do you still have the letters I wrote to you on paper in 2023?")},
		{17, "18:20", paolo, cancels("archive")},
		{1, "17:05", paolo, asks("leave", rights.Erasure, "Please close my account and remove what you do not have to keep.")},

		// Ting is refused, with the ground and the way to complain.
		{30, "21:14", ting, chooses(rights.Granted, "recommendations")},
		{26, "21:20", ting, asks("forget orders", rights.Erasure, "请删除我去年的全部订单和发票记录。")},
		{24, "10:45", approver, refuses("forget orders", "retention_period", "订单与发票须依税法留存 8 年，期限届满前我们仅作存储和必要的安全保护，不再作其他使用。")},
		{14, "13:00", ting, looks()},

		// Ursula is erased: by the machine in the shop, by people where none reaches.
		{33, "19:40", ursula, asks("goodbye", rights.Erasure, "I have moved to my daughter's and shall not order again. Please remove whatever you do not have to keep.")},
		{28, "09:40", officer, takes("goodbye")},
		{27, "14:20", officer, settles("goodbye", "warehouse", "Two old parcel labels removed; nothing else there.")},
		{27, "14:45", officer, fulfils("goodbye", "Your account is gone, in the shop, in the warehouse and on paper. The page of your request says what the tax law has us keep, and until when.")},

		// Hanna is asked which account she means: the clock stands still until she answers.
		{13, "20:15", hanna, asks("whose account", rights.Access, "I think there are two accounts with my name. Please look for both.")},
		{12, "09:50", officer, takes("whose account")},
		{12, "10:05", officer, pauses("whose account", rights.ForClarification, "Thank you for asking. To find the second account we need to know roughly when you bought, or the address the parcels went to. Please answer here; the time we have stands still until then.")},

		// What came in by other ways: by telephone for somebody whom nobody has made sure of yet, by letter from somebody without
		// a mailbox, and through an agent whom the person has still to confirm.
		{2, "11:30", officer, registers("by phone", 0, workflow.Registration{
			Channel: rights.ByPhone, Right: rights.Erasure, Language: "en", Mailbox: family, Identity: rights.Unidentified, Receipt: true,
			Text: "A member of the Lindqvist household wants the account closed. To be called back on the number on file.",
		})},
		{7, "09:15", approver, registers("on paper", 2, workflow.Registration{
			Channel: rights.ByLetter, Right: rights.Access, Language: "en", Name: "Gerda Petersen", Address: "Osterstraße 12, 26122 Oldenburg",
			Identity: rights.ByDocument, Note: "Sent a copy of her identity card, number blacked out.", Receipt: true,
			Text: "Wants to know what the shop kept from the years when she ordered by post card.",
		})},
		{4, "14:05", approver, registers("through an agent", 1, workflow.Registration{
			Channel: rights.ByEmail, Right: rights.Access, Regime: "ccpa", Language: "en", Mailbox: "walt.brenner@mail.example", Identity: rights.ByKnowledge,
			Note: "The agent named the last two orders.", Receipt: true, Text: "All categories and specific pieces of the last twelve months.",
			Mandate: &rights.Mandate{Kind: rights.Agent, Name: "Clear Ledger Agents, Inc.", Contact: "requests@clear-ledger.example"},
		})},

		// The team grows, once a second person agrees.
		{1, "16:10", admin, invites("noor.bakker@harbour-home.example", "Noor Bakker", rights.RoleOfficer, "For the counter in Bremen, from next month on. She has done the training.")},

		// Two strangers to the desk whose requests nobody has taken yet.
		{10, "06:45", fang, asks("no profile", rights.Objection, "请停止将我的购买记录用于个性化推荐。")},
		{5, "14:22", stranger, asks("anything", rights.Access, "I never bought anything from you, and yet a parcel came with my name on it. What do you know about me, and from whom?")},
		{2, "08:40", stranger, asks("anything again", rights.Access, "I have not heard from you. What do you know about me?")},

		// The engineers mend the data map; the officer looks at how everything stands, and signs.
		{318, "12:10", arthur, chooses(rights.Granted, "analytics")}, // for a year, which is nearly over
		{61, "08:05", officer, remaps()},
		{19, "15:30", officer, reviews(map[string]string{
			"roles":  "On leave until the new year; the account stays.",
			"record": "Tally Desk has been asked for the ground of its transfers; Elbe Logistics for its security measures. Both by the end of the month.",
		}, "The record has grown since the new map. Nothing that cannot wait.")},

		// What the house has had for long enough goes.
		{23, "09:40", approver, destroys("Nobody needs to know any more what was sent two years ago.")},

		// The desk arranges itself.
		{30, "08:20", officer, keeps("Access, late", workflow.QueueQuery{View: "overdue", Right: rights.Access}, false)},
		{30, "08:40", admin, keeps("Customers in China", workflow.QueueQuery{View: "open", Regime: "cn_pipl"}, true)},
		{29, "08:50", admin, words(mail.KindAcknowledged, "en", "Thank you for writing to us. A person reads every request; yours is with {{house}} under {{ref}}, and you hear from us by {{due}} at the latest.")},
	}
}
