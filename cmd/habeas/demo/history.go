package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// The year that the numbers of the desk are about lies before the scenes.
const (
	historyFrom  = 396 // days ago
	historyUntil = 62
	teamSince    = historyFrom + 4
)

// californians are customers with no scenes of their own: their state's yearly numbers want more than one.
var californians = []customer{
	{
		email: "walt.brenner@mail.example", name: "Walt Brenner", phone: "+1 415 555 0134", street: "88 Pier Street", postcode: "94107", city: "San Francisco, CA", country: "US",
		born: "1962-03-08", language: "en", years: 4, orders: 2, visits: 12, newsletter: true,
	},
	{
		email: "imani.cole@mail.example", name: "Imani Cole", phone: "+1 916 555 0177", street: "410 Alhambra Boulevard", postcode: "95816", city: "Sacramento, CA", country: "US",
		born: "1991-10-30", language: "en", years: 2, orders: 4, visits: 31, club: true, newsletter: true,
	},
	{
		email: "priya.nair@mail.example", name: "Priya Nair", phone: "+1 408 555 0126", street: "1150 Delmas Avenue", postcode: "95125", city: "San José, CA", country: "US",
		born: "1984-05-17", language: "en", years: 3, orders: 3, visits: 22, newsletter: true,
	},
}

// errand is what the crowd asks of the desk again and again, and what it is told.
type errand struct {
	right      rights.Right
	asked      map[string]string // by language
	answered   map[string]string
	ground     string // of the refusals among them; "" where there never was one
	refused    map[string]string
	ofAmerica  bool // only where the law has such a right
	everyTenth int  // how many of ten requests are this
}

// history is the year before the scenes: the crowd by rule, nearly everybody answered in time, so that what counts and
// compares has something to count. Officers work on weekdays.
func history(now time.Time, people []customer) []scene {
	rng := rand.New(rand.NewPCG(21, 3))
	var out []scene
	crowd, america := people[len(named):len(people)-len(californians)], people[len(people)-len(californians):]
	weekday := func(days int) int {
		for {
			if day := now.AddDate(0, 0, -days).Weekday(); day != time.Saturday && day != time.Sunday {
				return days
			}
			days--
		}
	}
	var bag []errand
	for _, e := range errands {
		for range e.everyTenth {
			bag = append(bag, e)
		}
	}
	for i, days := 0, historyFrom; days > historyUntil; i, days = i+1, days-3-rng.IntN(4) {
		who, e := crowd[i%len(crowd)], bag[rng.IntN(len(bag))]
		if e.ofAmerica {
			who = america[i%len(america)]
		}
		lang, name := who.language, fmt.Sprintf("history %d", i)
		desk := []string{officer, officer, approver}[rng.IntN(3)]
		out = append(out, scene{days, fmt.Sprintf("%02d:%02d", 7+rng.IntN(15), rng.IntN(60)), who.email, asks(name, e.right, e.asked[lang])})
		taken := weekday(days - 1 - rng.IntN(3))
		out = append(out, scene{taken, "09:20", desk, takes(name)})
		took := 4 + rng.IntN(20)
		switch {
		case i%23 == 9: // late
			took = 41 + rng.IntN(6)
		case i%19 == 5 && who.country != "CN" && !e.ofAmerica: // extended, where the law knows that
			out = append(out, scene{weekday(days - 20), "11:40", desk, extends(name, "The records of the old till are on paper and have to be looked through by hand.")})
			took = 47 + rng.IntN(9)
		}
		last := fulfils(name, e.answered[lang])
		if e.ground != "" && i%5 == 2 {
			last = refuses(name, e.ground, e.refused[lang])
		}
		out = append(out, scene{weekday(days - took), "15:10", desk, last})
		if i%4 == 0 {
			choice := rights.Granted
			if i%12 == 8 {
				choice = rights.Withdrawn
			}
			purpose := []string{"newsletter", "recommendations", "analytics"}[i%3]
			out = append(out, scene{days - 1, "18:30", crowd[(i*7+3)%len(crowd)].email, chooses(choice, purpose)})
		}
	}
	return out
}

var errands = []errand{
	{
		right: rights.Access, everyTenth: 3,
		asked: map[string]string{
			"en":    "Please tell me what you hold about me besides what the page shows, on paper as well.",
			"zh-CN": "除页面所示内容外，请告知贵公司还保存了我的哪些个人信息，包括纸质档案。",
		},
		answered: map[string]string{
			"en":    "We looked through the paper archive too. There are two order slips with your name and address; copies are on your request's page.",
			"zh-CN": "我们已核查纸质档案，仅有两张订单存根载有您的姓名和地址，复印件已附于请求页面。",
		},
	},
	{
		right: rights.Erasure, everyTenth: 2, ground: "legal_obligation",
		asked: map[string]string{
			"en":    "Please remove my account and everything that goes with it.",
			"zh-CN": "请注销我的账户并删除相关个人信息。",
		},
		answered: map[string]string{
			"en":    "Your account and what hung on it are gone. Invoices stay until the tax law lets us remove them; nobody uses them for anything else.",
			"zh-CN": "您的账户及相关个人信息已删除。发票依税法须继续留存，留存期间不作其他使用。",
		},
		refused: map[string]string{
			"en":    "What is left are invoices of the last years, which the law has us keep.",
			"zh-CN": "目前仅余近年发票，依法须继续留存。",
		},
	},
	{
		right: rights.Objection, everyTenth: 2,
		asked: map[string]string{
			"en":    "Please stop choosing what you show me by what I bought.",
			"zh-CN": "请停止根据我的购买记录进行个性化推荐。",
		},
		answered: map[string]string{
			"en":    "It has stopped: from now on you see what everybody sees.",
			"zh-CN": "已停止个性化推荐，此后您看到的内容与其他顾客一致。",
		},
	},
	{
		right: rights.Portability, everyTenth: 1,
		asked: map[string]string{
			"en":    "I should like my orders in a file that another shop can read.",
			"zh-CN": "请将我的订单数据以其他商家可读取的格式提供。",
		},
		answered: map[string]string{
			"en":    "The file is ready on your data page, as JSON and CSV.",
			"zh-CN": "文件已生成，可在您的信息页面下载（JSON 和 CSV 格式）。",
		},
	},
	{
		right: rights.Restriction, everyTenth: 1,
		asked: map[string]string{
			"en":    "Please do not use my telephone number until my question about it is settled.",
			"zh-CN": "在电话号码问题查清之前，请暂停使用该号码。",
		},
		answered: map[string]string{
			"en":    "It is marked: nobody calls it until you say so.",
			"zh-CN": "已作限制处理，未经您同意不会拨打。",
		},
	},
	{
		right: rights.OptOut, everyTenth: 1, ofAmerica: true,
		asked:    map[string]string{"en": "Do not sell or share my personal information."},
		answered: map[string]string{"en": "Done, and whoever had it from us in the last months has been told."},
	},
}

// lives is where somebody is: the law that their requests come under and the language they read.
func lives(people []customer, house workflow.Config) map[string]place {
	law := map[string]string{"CN": "cn_pipl", "US": "ccpa", "GB": "uk_gdpr"}
	out := map[string]place{}
	for _, c := range people {
		at := place{house.Regime, c.language}
		if id, abroad := law[c.country]; abroad {
			at.regime = id
		}
		out[c.email] = at
	}
	return out
}
