package demo

import "habeas/rights"

// Persona is somebody whom /dev offers to sign in as.
type Persona struct {
	Email string
	Name  string
	Role  rights.Role
	Try   map[string]string // what there is to see as them, by language
}

// The people of the demo by what they are called in its scenes.
const (
	maeve    = "maeve.gallagher@mail.example"
	jingyi   = "chen.jingyi@youjian.example"
	rosa     = "rosa.delgado@mail.example"
	family   = "family@lindqvist.example"
	stranger = "nobody.here@elsewhere.example"
	kenji    = "kenji.mori@mail.example"
	lena     = "lena.vogel@mail.example"
	arthur   = "arthur.pemberton@mail.example"
	guoqiang = "lin.guoqiang@youjian.example"
	hanna    = "hanna.seidel@mail.example"
	paolo    = "paolo.ricci@mail.example"
	ting     = "zhou.ting@youjian.example"
	ursula   = "ursula.jansen12@mail.example" // of the crowd
	fang     = "wu1018@youjian.example"       // of the crowd
	officer  = "ingrid.solheim@harbour-home.example"
	approver = "zhou.min@harbour-home.example"
	admin    = "tomas.novak@harbour-home.example"
	auditor  = "amina.diallo@harbour-home.example"
)

// Personas are everybody worth signing in as, customers first.
var Personas = []Persona{
	{
		maeve, "Maeve Gallagher", rights.RoleSubject,
		map[string]string{
			"en":    "A customer of eight years in Dublin: orders, letters, and an answer that is late.",
			"zh-CN": "都柏林的老顾客：有订单、往来信函，还有一件已逾期的请求。",
		},
	},
	{
		jingyi, "陈静怡", rights.RoleSubject,
		map[string]string{
			"en":    "A customer in Shanghai, under the law of China, who reads Chinese.",
			"zh-CN": "上海的顾客，适用《个人信息保护法》，使用中文。",
		},
	},
	{
		rosa, "Rosa Delgado", rights.RoleSubject,
		map[string]string{
			"en":    "A customer in Oakland, under the law of California: an opt-out, and an extended request.",
			"zh-CN": "奥克兰的顾客，适用加州法律：已选择不出售个人信息，另有一件请求延期处理。",
		},
	},
	{
		family, "Freja (114 56) or Jonas (118 21) Lindqvist", rights.RoleSubject,
		map[string]string{
			"en":    "Two people behind one mailbox; their postcodes tell them apart.",
			"zh-CN": "两人共用一个邮箱，凭邮政编码区分。",
		},
	},
	{
		kenji, "Kenji Mori", rights.RoleSubject,
		map[string]string{
			"en":    "5,000 visits, page after page; a request met in part.",
			"zh-CN": "有 5000 条访问记录，可逐页查看；有一件请求部分满足。",
		},
	},
	{
		arthur, "Arthur Pemberton", rights.RoleSubject,
		map[string]string{
			"en":    "A customer in Leeds whose correction was declined, and who complains about it.",
			"zh-CN": "利兹的顾客，更正请求被拒绝后提出投诉。",
		},
	},
	{
		guoqiang, "林国强", rights.RoleSubject,
		map[string]string{
			"en":    "A customer in Guangzhou who corrects what is wrong.",
			"zh-CN": "广州的顾客，自行更正不准确的个人信息。",
		},
	},
	{
		ursula, "Ursula Jansen", rights.RoleSubject,
		map[string]string{
			"en":    "Erased last month: what went, what the tax law keeps and until when.",
			"zh-CN": "上月已删除：可查看删除了什么、依税法保留什么以及保留到何时。",
		},
	},
	{
		lena, "Lena Vogel", rights.RoleSubject,
		map[string]string{
			"en":    "Signed up yesterday: hardly anything is held.",
			"zh-CN": "昨天刚注册，几乎没有留存任何信息。",
		},
	},
	{
		stranger, "Somebody else", rights.RoleSubject,
		map[string]string{
			"en":    "Nothing is held about this address, which is an answer too.",
			"zh-CN": "该地址没有任何留存信息，这本身也是一种答复。",
		},
	},
	{
		officer, "Ingrid Solheim", rights.RoleOfficer,
		map[string]string{
			"en":    "Answers the queue. Two requests are late, and she has notices in the bell.",
			"zh-CN": "处理请求队列；有两件请求已逾期，另有未读提醒。",
		},
	},
	{
		approver, "周敏", rights.RoleApprover,
		map[string]string{
			"en":    "Answers the queue, and has an invitation to approve, which takes two.",
			"zh-CN": "处理请求队列；有一份成员邀请待她复核。",
		},
	},
	{
		admin, "Tomáš Novák", rights.RoleAdmin,
		map[string]string{
			"en":    "Runs the team, the templates, the holidays and how long things are kept.",
			"zh-CN": "管理团队、邮件模板、节假日和保存期限。",
		},
	},
	{
		auditor, "Amina Diallo", rights.RoleAuditor,
		map[string]string{
			"en":    "Sees everything and changes nothing: try a request's proof.",
			"zh-CN": "可查看全部内容但不能更改；可试着下载某件请求的证明材料。",
		},
	},
}

// customer is one row of the shop with what follows from it.
type customer struct {
	email, name, phone              string
	street, postcode, city, country string
	born, taxID, language           string
	years                           int // since when
	orders, visits                  int
	club, newsletter, books, writes bool
	alsoPays                        string // a second way to pay
}

// named are the customers that scenes are about; everybody after them is made up by rule.
var named = []customer{
	{
		email: maeve, name: "Maeve Gallagher", phone: "+353 85 555 0142", street: "14 Sandycove Terrace", postcode: "A96 X2K4", city: "Dublin", country: "IE",
		born: "1979-04-23", taxID: "1234567FA", language: "en", years: 8, orders: 17, visits: 140, club: true, newsletter: true, books: true, writes: true, alsoPays: "IE29AIBK93115212345678",
	},
	{
		email: jingyi, name: "陈静怡", phone: "138 0013 8000", street: "静安区愚园路 218 弄 6 号", postcode: "200040", city: "上海市", country: "CN",
		born: "1990-09-16", taxID: "310106199009060024", language: "zh-CN", years: 5, orders: 9, visits: 80, club: true, newsletter: true, books: true, writes: true,
	},
	{
		email: rosa, name: "Rosa Delgado", phone: "+1 510 555 0188", street: "2207 Lakeshore Avenue", postcode: "94606", city: "Oakland, CA", country: "US",
		born: "1986-12-02", taxID: "000-12-3456", language: "en", years: 3, orders: 6, visits: 60, newsletter: true,
	},
	{
		email: family, name: "Freja Lindqvist", phone: "+46 70 555 01 10", street: "Strandvägen 7", postcode: "114 56", city: "Stockholm", country: "SE",
		born: "1975-06-21", language: "en", years: 6, orders: 5, visits: 20, club: true, newsletter: true,
	},
	{
		email: family, name: "Jonas Lindqvist", phone: "+46 70 555 01 27", street: "Hornsgatan 92", postcode: "118 21", city: "Stockholm", country: "SE",
		born: "1973-01-30", language: "en", years: 2, orders: 3, visits: 12,
	},
	{
		email: kenji, name: "Kenji Mori", phone: "+49 40 555 0163", street: "Große Elbstraße 41", postcode: "22767", city: "Hamburg", country: "DE",
		born: "1994-08-11", taxID: "86 095 742 719", language: "en", years: 4, orders: 12, visits: 5000, club: true, newsletter: true,
	},
	{
		email: arthur, name: "Arthur Pemberton", phone: "+44 113 496 0155", street: "3 Chapel Row", postcode: "LS6 2QD", city: "Leeds", country: "GB",
		born: "1951-11-05", language: "en", years: 7, orders: 8, visits: 15, books: true, writes: true,
	},
	{
		email: guoqiang, name: "林国强", phone: "139 2255 0147", street: "天河区体育东路 88 号 1502 房", postcode: "510620", city: "广州市", country: "CN",
		born: "1982-03-18", language: "zh-CN", years: 2, orders: 4, visits: 30, newsletter: true,
	},
	{
		email: hanna, name: "Hanna Seidel", phone: "+49 30 555 0171", street: "Oderberger Straße 19", postcode: "10435", city: "Berlin", country: "DE",
		born: "1988-02-14", taxID: "65 929 970 489", language: "en", years: 5, orders: 7, visits: 44, club: true, newsletter: true,
	},
	{
		email: paolo, name: "Paolo Ricci", phone: "+39 06 555 0119", street: "Via dei Coronari 60", postcode: "00186", city: "Roma", country: "IT",
		born: "1969-07-09", language: "en", years: 3, orders: 3, visits: 18, newsletter: true,
	},
	{
		email: ting, name: "周婷", phone: "137 6055 0193", street: "武侯区科华北路 65 号", postcode: "610041", city: "成都市", country: "CN",
		born: "1997-05-27", language: "zh-CN", years: 1, orders: 3, visits: 25, club: true,
	},
	{
		email: lena, name: "Lena Vogel", country: "DE", language: "en",
	},
}
