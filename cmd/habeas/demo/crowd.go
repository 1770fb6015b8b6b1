package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// crowdSize is how many customers there are besides the named ones.
const crowdSize = 54

var (
	firstNames  = []string{"Aoife", "Bram", "Carla", "Dmitri", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jakub", "Katrin", "Luca", "Mireille", "Nils", "Olivia", "Pieter", "Rasa", "Sofia", "Teodor", "Ursula", "Viktor", "Wanda", "Yusuf", "Zoë"}
	lastNames   = []string{"Andersson", "Baptiste", "Costa", "Dvořák", "Eriksen", "Fischer", "García", "Horváth", "Ivanova", "Jansen", "Kowalski", "Lefèvre", "Müller", "Nowak", "O'Brien", "Papadakis", "Rossi", "Schmidt", "Tamm", "Virtanen", "Weber", "Zimmer"}
	familyNames = []string{"王", "李", "张", "刘", "杨", "黄", "赵", "吴", "徐", "孙", "欧阳", "诸葛"}
	givenNames  = []string{"伟", "芳", "娜", "秀英", "敏", "静", "丽华", "强", "磊", "洋", "子涵", "雨桐", "建国", "晓燕"}
	romanised   = []string{"wang", "li", "zhang", "liu", "yang", "huang", "zhao", "wu", "xu", "sun", "ouyang", "zhuge"}
	towns       = []struct{ city, postcode, country, street, phone string }{
		{"Lyon", "69002", "FR", "rue Mercière", "+33 4 55 50 "}, {"Utrecht", "3511 LX", "NL", "Oudegracht", "+31 30 555 "},
		{"Graz", "8010", "AT", "Sporgasse", "+43 316 555 "}, {"Porto", "4050-253", "PT", "Rua das Flores", "+351 22 555 "},
		{"Gdańsk", "80-831", "PL", "Ulica Długa", "+48 58 555 "}, {"Galway", "H91 E9X2", "IE", "Shop Street", "+353 91 555 "},
		{"Bremen", "28195", "DE", "Schnoor", "+49 421 555 "}, {"Tampere", "33210", "FI", "Hämeenkatu", "+358 3 555 "},
	}
	chineseTowns = []struct{ city, postcode, street string }{
		{"杭州市", "310013", "西湖区北山街"}, {"北京市", "100010", "东城区五道营胡同"}, {"深圳市", "518048", "福田区香蜜湖路"},
		{"南京市", "210008", "玄武区珠江路"}, {"厦门市", "361001", "思明区中山路"},
	}
)

// everybody returns the named customers and a crowd by rule: the same on every machine and every day.
func everybody(rng *rand.Rand) []customer {
	people := append([]customer(nil), named...)
	for i := range crowdSize {
		c := customer{
			born: fmt.Sprintf("%d-%02d-%02d", 1948+rng.IntN(56), 1+rng.IntN(12), 1+rng.IntN(28)), years: 1 + rng.IntN(7),
			orders: rng.IntN(6), visits: rng.IntN(25), club: rng.IntN(2) == 0, newsletter: rng.IntN(3) > 0, books: rng.IntN(4) == 0,
		}
		if i%3 == 0 {
			at, town := rng.IntN(len(familyNames)), chineseTowns[rng.IntN(len(chineseTowns))]
			c.name, c.language, c.country = familyNames[at]+givenNames[rng.IntN(len(givenNames))], "zh-CN", "CN"
			c.email = fmt.Sprintf("%s%d@youjian.example", romanised[at], 1000+i)
			c.phone = fmt.Sprintf("13%d %04d 55%02d", 1+rng.IntN(8), rng.IntN(10000), i)
			c.street, c.postcode, c.city = fmt.Sprintf("%s %d 号", town.street, 1+rng.IntN(300)), town.postcode, town.city
		} else {
			first, last, town := firstNames[rng.IntN(len(firstNames))], lastNames[rng.IntN(len(lastNames))], towns[rng.IntN(len(towns))]
			c.name, c.language, c.country = first+" "+last, "en", town.country
			c.email = fmt.Sprintf("%s.%s%d@mail.example", ascii(first), ascii(last), 10+i)
			c.phone = fmt.Sprintf("%s%02d %02d", town.phone, rng.IntN(100), i)
			c.street, c.postcode, c.city = fmt.Sprintf("%s %d", town.street, 1+rng.IntN(120)), town.postcode, town.city
		}
		people = append(people, c)
	}
	return append(people, californians...)
}

// newRand is where the made-up part of the shop begins, on every machine.
func newRand() *rand.Rand { return rand.New(rand.NewPCG(1871, 20457)) }

// ascii makes a name fit into an address.
func ascii(name string) string {
	return strings.NewReplacer("ë", "e", "ř", "r", "á", "a", "í", "i", "ü", "u", "è", "e", "'", "").Replace(strings.ToLower(name))
}
