package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"habeas/sources/sample"
)

// MakeShop writes the shop's and the warehouse's databases into dir, with dates that end at now.
func MakeShop(ctx context.Context, dir string, now time.Time) error {
	b := &shop{rng: newRand(), now: now, tables: map[string]*sample.Table{}}
	for _, p := range products {
		b.add("products", b.next("products"), p.sku, p.en, p.zh, p.line, p.price)
	}
	people := everybody(b.rng)
	for i, c := range people {
		b.customer(i+1, c)
	}
	b.overdue(people[len(named):])
	shopTables := b.named("customers", "addresses", "products", "orders", "order_lines", "payment_methods", "loyalty_events",
		"support_tickets", "ticket_replies", "newsletter_log", "devices", "visits")
	if err := sample.Make(ctx, filepath.Join(dir, "shop.db"), shopSchema, shopTables); err != nil {
		return err
	}
	return sample.Make(ctx, filepath.Join(dir, "warehouse.db"), warehouseSchema, b.named("deliveries", "returns"))
}

// shop gathers rows, table by table.
type shop struct {
	rng    *rand.Rand
	now    time.Time
	tables map[string]*sample.Table
}

func (b *shop) add(table string, row ...any) {
	if b.tables[table] == nil {
		b.tables[table] = &sample.Table{Name: table}
	}
	b.tables[table].Rows = append(b.tables[table].Rows, row)
}

// next is the number of the next row of a table.
func (b *shop) next(table string) int {
	if b.tables[table] == nil {
		return 1
	}
	return len(b.tables[table].Rows) + 1
}

func (b *shop) named(names ...string) []sample.Table {
	out := make([]sample.Table, len(names))
	for i, name := range names {
		out[i] = *b.tables[name]
	}
	return out
}

// ago writes a moment some days back, at an hour when shops are visited.
func (b *shop) ago(days int) string {
	at := b.now.AddDate(0, 0, -days)
	at = time.Date(at.Year(), at.Month(), at.Day(), 7+b.rng.IntN(15), b.rng.IntN(60), b.rng.IntN(60), 0, at.Location())
	if at.After(b.now) {
		at = b.now.Add(-time.Duration(1+b.rng.IntN(50)) * time.Minute)
	}
	return at.UTC().Format(time.RFC3339)
}

func or(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (b *shop) customer(id int, c customer) {
	number := fmt.Sprintf("HH-%06d", 204000+id*37)
	var club string
	if c.club {
		club = fmt.Sprintf("HC-%05d", 31000+id*13)
	}
	var invoices string
	if c.writes {
		invoices = "accounts+" + c.email
	}
	since := c.years*365 + b.rng.IntN(200)
	if c.years == 0 {
		since = 1
	}
	b.add("customers", id, number, c.email, c.name, or(c.phone), or(c.street), or(c.postcode), or(c.city), c.country, or(c.born),
		or(invoices), or(club), or(c.taxID), c.language, b.preferences(c), segment(c),
		fmt.Sprintf("$argon2id$v=19$m=19456,t=2,p=1$%016x$%032x", b.rng.Uint64(), b.rng.Uint64()), b.ago(since), 0, "active")
	if c.street != "" {
		b.home(id, c)
	}
	for n := range c.orders {
		b.order(id, number, club, c, since*(c.orders-n)/(c.orders+1)+1)
	}
	for n := range c.visits {
		b.add("visits", b.next("visits"), id, b.ago(min(since, 390)*(c.visits-n)/(c.visits+1)), pages[b.rng.IntN(len(pages))], 3+b.rng.IntN(240))
	}
	if c.newsletter {
		for month := min(24, c.years*12); month > 0; month-- {
			issue := b.now.AddDate(0, -month, 0).Format("2006-01")
			b.add("newsletter_log", b.next("newsletter_log"), c.email, b.ago(month*30), issue, b.rng.IntN(3) > 0)
		}
	}
	if c.writes {
		b.conversations(id, c)
	}
}

// overdue is what lies there for longer than the map allows, of the crowd: the letters of before the two years.
func (b *shop) overdue(crowd []customer) {
	for _, c := range crowd {
		for month := min(27, c.years*12); c.newsletter && month > 24; month-- {
			issue := b.now.AddDate(0, -month, 0).Format("2006-01")
			b.add("newsletter_log", b.next("newsletter_log"), c.email, b.ago(month*30), issue, b.rng.IntN(3) > 0)
		}
	}
}

// home is what hangs on an account that is used: addresses, ways to pay, devices.
func (b *shop) home(id int, c customer) {
	words := map[string][2]string{"en": {"Home", "Work"}, "zh-CN": {"家", "公司"}}[c.language]
	b.add("addresses", b.next("addresses"), id, words[0], c.name, c.street, c.postcode, c.city, c.country)
	if c.books {
		b.add("addresses", b.next("addresses"), id, words[1], c.name, c.street+", 2", c.postcode, c.city, c.country)
	}
	b.add("payment_methods", b.next("payment_methods"), id, "card", c.name,
		fmt.Sprintf("4000 %04d %04d %04d", b.rng.IntN(10000), b.rng.IntN(10000), b.rng.IntN(10000)),
		fmt.Sprintf("%02d/%d", 1+b.rng.IntN(12), b.now.Year()+1+b.rng.IntN(3)))
	if c.alsoPays != "" {
		b.add("payment_methods", b.next("payment_methods"), id, "account", c.name, c.alsoPays, nil)
	}
	for n := range 1 + b.rng.IntN(2) {
		b.add("devices", b.next("devices"), id, devices[b.rng.IntN(len(devices))], fmt.Sprintf("%016x", b.rng.Uint64()),
			fmt.Sprintf("203.0.113.%d", 1+b.rng.IntN(250)), b.ago(n*20+b.rng.IntN(9)))
	}
}

func (b *shop) order(id int, number, club string, c customer, days int) {
	order := b.next("orders")
	no := fmt.Sprintf("A-%06d", 510000+order*3)
	total := 0.0
	for line := range 1 + b.rng.IntN(4) {
		p := b.rng.IntN(len(products))
		quantity := 1 + b.rng.IntN(3)
		total += products[p].price * float64(quantity)
		b.add("order_lines", order, line+1, p+1, quantity, products[p].price)
	}
	status := "delivered"
	if days < 5 {
		status = "packed"
	}
	var message, recipient any
	if b.rng.IntN(5) == 0 {
		gift := gifts[c.language][b.rng.IntN(len(gifts[c.language]))]
		message, recipient = gift[0], gift[1]
	}
	currency := map[string]string{"CN": "CNY", "GB": "GBP", "US": "USD"}[c.country]
	if currency == "" {
		currency = "EUR"
	}
	b.add("orders", order, no, id, b.ago(days), status, float64(int(total*100+0.5))/100, currency, message, recipient)
	if club != "" {
		b.add("loyalty_events", b.next("loyalty_events"), club, b.ago(days), int(total/2), no)
	}
	b.parcel(number, no, c, days)
}

func (b *shop) parcel(number, order string, c customer, days int) {
	parcel := b.next("deliveries")
	state, signed := "delivered", or([]string{"", c.name, "M. Okafor", "刘阿姨"}[b.rng.IntN(4)])
	if days < 5 {
		state, signed = "on its way", nil
	}
	b.add("deliveries", parcel, number, order, b.ago(max(0, days-2)), couriers[b.rng.IntN(len(couriers))],
		fmt.Sprintf("EL%010d", b.rng.IntN(1_000_000_000)), c.name, c.street+", "+c.postcode+" "+c.city, signed, state)
	if state == "delivered" && b.rng.IntN(6) == 0 {
		reasons := returnReasons[c.language]
		b.add("returns", b.next("returns"), parcel, b.ago(max(0, days-12)), reasons[b.rng.IntN(len(reasons))], float64(900+b.rng.IntN(6000))/100)
	}
}

func (b *shop) conversations(id int, c customer) {
	for i, talk := range talks[c.language] {
		ticket := b.next("support_tickets")
		days := 30 + 170*i
		b.add("support_tickets", ticket, id, b.ago(days), talk.channel, talk.subject, "closed")
		for n, line := range talk.lines {
			var author any
			if n%2 == 1 {
				author = helpDesk[b.rng.IntN(len(helpDesk))]
			}
			b.add("ticket_replies", b.next("ticket_replies"), ticket, b.ago(max(0, days-n)), n%2 == 0, author, line)
		}
	}
}

// preferences is a JSON column, as shops keep what they did not want to make a table for.
func (b *shop) preferences(c customer) any {
	if c.years == 0 {
		return nil
	}
	interests := map[string][]string{
		"en":    {"ceramics", "tea", "lighting", "garden", "linen"},
		"zh-CN": {"陶瓷", "茶具", "灯具", "园艺", "布艺"},
	}[c.language]
	b.rng.Shuffle(len(interests), func(i, j int) { interests[i], interests[j] = interests[j], interests[i] })
	delivery := map[string]any{"day": map[string]string{"en": "Saturday", "zh-CN": "周六"}[c.language]}
	if c.books {
		delivery["neighbour"] = "Mrs Okonkwo, first floor"
	}
	text, err := json.Marshal(map[string]any{
		"interests": interests[:1+b.rng.IntN(3)], "notify": map[string]bool{"email": true, "sms": c.phone != "" && b.rng.IntN(2) == 0},
		"delivery": delivery,
	})
	if err != nil {
		panic(err) // strings and booleans only
	}
	return string(text)
}

func segment(c customer) any {
	switch {
	case c.orders >= 8:
		return "devoted"
	case c.orders >= 3:
		return "regular"
	case c.orders > 0:
		return "occasional"
	}
	return nil
}
