package rights

import "strings"

// eea are the members of the European Economic Area: between them data moves as within one country (GDPR Art. 1(3);
// Agreement on the EEA, Annex XI).
const eea = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"

// Abroad reports whether data that goes from one country to another is transferred (GDPR Chapter V; PIPL Art. 38, for which
// Hong Kong, Macao and Taiwan are 境外, too). A country that nobody names is no transfer; where it is not known where the house is,
// every named one is.
func Abroad(home, country string) bool {
	inside := func(c string) bool { return c != "" && strings.Contains(eea, c) }
	return country != "" && country != home && !(inside(home) && inside(country))
}
