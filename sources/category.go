package sources

import (
	_ "embed"
	"strings"

	"habeas/rights"
)

//go:embed taxonomy.txt
var taxonomy string

// Categories lists the data categories of fideslang's default taxonomy, keys of versions 2 and 3 alike, sorted.
var Categories = strings.Fields(taxonomy)

// Origin is where the controller has a datum from (GDPR Art. 15(1)(g)).
type Origin string

// The origins. Portability covers what was given or observed, not what was derived (GDPR Art. 20; WP 242 rev.01).
const (
	Given           Origin = "given"
	Observed        Origin = "observed"
	Derived         Origin = "derived"
	ThirdPartyGiven Origin = "third_party"
)

// Classification is how much harm a datum can do in the wrong hands, as a map says it. What follows from it stands in rights.
type Classification = rights.Classification

// The classifications.
const (
	Ordinary  = rights.Ordinary
	Sensitive = rights.Sensitive
	Core      = rights.Core
)

// traits are what a category implies where the map is silent.
type traits struct {
	classification Classification
	mask           string
	origin         Origin
}

// byCategory lists the traits of categories; a category that is not listed has those of its nearest ancestor.
var byCategory = map[string]traits{
	"user":   {Ordinary, "", Given},
	"system": {Ordinary, "", Observed},

	"user.name":                      {Ordinary, "name", Given},
	"user.contact":                   {Ordinary, "", Given},
	"user.contact.email":             {Ordinary, "email", Given},
	"user.contact.phone_number":      {Ordinary, "phone", Given},
	"user.contact.fax_number":        {Ordinary, "phone", Given},
	"user.contact.address":           {Ordinary, "address", Given},
	"user.contact.address.city":      {Ordinary, "", Given},
	"user.contact.address.country":   {Ordinary, "", Given},
	"user.contact.address.state":     {Ordinary, "", Given},
	"user.device":                    {Ordinary, "", Observed},
	"user.device.ip_address":         {Ordinary, "ip", Observed},
	"user.behavior":                  {Ordinary, "", Observed},
	"user.social":                    {Ordinary, "", Observed},
	"user.social_activity":           {Ordinary, "", Observed},
	"user.telemetry":                 {Ordinary, "", Observed},
	"user.sensor":                    {Ordinary, "", Observed},
	"user.user_sensor":               {Ordinary, "", Observed},
	"user.location":                  {Ordinary, "", Observed},
	"user.unique_id":                 {Ordinary, "", Derived}, // the controller made it up, nobody gave it
	"user.demographic.date_of_birth": {Ordinary, "date_of_birth", Given},

	// Special categories (GDPR Art. 9 and 10) and sensitive personal information (PIPL Art. 28; Cal. Civ. Code 1798.140(ae)).
	"user.location.precise":                              {Sensitive, "", Observed},
	"user.demographic.race_ethnicity":                    {Sensitive, "", Given},
	"user.demographic.religious_belief":                  {Sensitive, "", Given},
	"user.demographic.philosophical_belief":              {Sensitive, "", Given},
	"user.demographic.political_opinion":                 {Sensitive, "", Given},
	"user.demographic.sexual_orientation":                {Sensitive, "", Given},
	"user.demographic.union_membership":                  {Sensitive, "", Given},
	"user.demographic.protected_classifications":         {Sensitive, "", Given},
	"user.demographic.citizenship_or_immigration_status": {Sensitive, "", Given},
	"user.criminal_history":                              {Sensitive, "", ThirdPartyGiven},
	"user.children":                                      {Sensitive, "", Given},
	"user.childrens":                                     {Sensitive, "", Given},
	"user.health":                                        {Sensitive, "all", Given},
	"user.health_and_medical":                            {Sensitive, "all", Given},
	"user.financial":                                     {Sensitive, "all", Given},
	"user.payment":                                       {Sensitive, "", Given},
	"user.content.private":                               {Sensitive, "", Given},

	// What opens accounts or cannot be changed once it leaked: never in full in an answer (11 CCR 7024(d)).
	"user.health.genetic":             {Core, "all", Given},
	"user.health_and_medical.genetic": {Core, "all", Given},
	"user.biometric":                  {Core, "all", Observed},
	"user.biometrics":                 {Core, "all", Observed},
	"user.government_id":              {Core, "prc_id", Given},
	"user.financial.bank_account":     {Core, "bank_card", Given},
	"user.financial.credit_card":      {Core, "bank_card", Given},
	"user.authorization":              {Core, "all", Given},
	"system.authentication":           {Core, "all", Derived},
}

// traitsOf returns what the categories imply together: the most harmful classification and the mask of the first that
// has one. No categories imply nothing: ordinary, unmasked, given.
func traitsOf(categories []string) traits {
	out := traits{classification: Ordinary}
	for _, c := range categories {
		t := traitsOfOne(c)
		if t.classification.Rank() > out.classification.Rank() {
			out.classification = t.classification
			out.mask = t.mask
		}
		if out.mask == "" {
			out.mask = t.mask
		}
		if out.origin == "" {
			out.origin = t.origin
		}
	}
	if out.origin == "" {
		out.origin = Given
	}
	return out
}

func traitsOfOne(category string) traits {
	for key := category; key != ""; key = parent(key) {
		if t, ok := byCategory[key]; ok {
			return t
		}
	}
	return traits{classification: Ordinary}
}

// parent returns the category above key, or "" at the top.
func parent(key string) string {
	i := strings.LastIndexByte(key, '.')
	return key[:max(i, 0)]
}
