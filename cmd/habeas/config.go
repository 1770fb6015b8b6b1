package main

import (
	"errors"
	"io/fs"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"habeas/locale"
	"habeas/rights"
	"habeas/sources"
)

// config is the configuration file, checked and with its defaults. Paths in it are absolute.
type config struct {
	Name           map[string]string // of the organisation, by language
	Address        string
	PrivacyContact string
	Officer        string
	AuthorityName  string
	AuthorityURL   string
	PolicyURL      string

	BaseURL    *url.URL
	Languages  []string
	Regime     string
	Country    string // whose public holidays count
	Location   *time.Location
	CoolingOff time.Duration
	Proxies    []*net.IPNet

	MailURL  string
	MailFrom string

	Sources  []sources.Config
	Purposes []rights.Purpose

	Checkpoints string // the file that signed checkpoints of the audit log go to; "" for none
}

// loadConfig reads the file. Everything wrong with it comes back at once, as sources.Faults.
func loadConfig(file string) (config, error) {
	top, d := readYAML(file)
	if top == nil {
		return config{}, d.faults
	}
	c := config{Languages: locale.Languages, Regime: "eu_gdpr", CoolingOff: 72 * time.Hour}
	dir := filepath.Dir(file)
	d.languages(top, &c.Languages) // first: they say in which languages texts must be
	d.mapping(top, "the configuration", keys{
		"organisation":    func(n *yaml.Node) { d.organisation(n, &c) },
		"base_url":        parsed(d, "base_url", &c.BaseURL, parseBaseURL),
		"languages":       func(*yaml.Node) {},
		"regime":          d.text("regime", &c.Regime, oneOf(regimeIDs())),
		"country":         d.text("country", &c.Country),
		"time_zone":       parsed(d, "time_zone", &c.Location, parseZone),
		"cooling_off":     parsed(d, "cooling_off", &c.CoolingOff, parseCoolingOff),
		"trusted_proxies": func(n *yaml.Node) { d.proxies(n, &c.Proxies) },
		"mail": func(n *yaml.Node) {
			d.mapping(n, "mail", keys{
				"url":  d.text("mail.url", &c.MailURL, checkMailURL),
				"from": d.text("mail.from", &c.MailFrom, checkMailbox),
			}, "url", "from")
		},
		"sources":  func(n *yaml.Node) { d.sources(n, dir, &c.Sources) },
		"purposes": func(n *yaml.Node) { d.purposes(n, c.Languages, &c.Purposes) },
		"audit": func(n *yaml.Node) {
			d.mapping(n, "audit", keys{"checkpoints": func(n *yaml.Node) {
				d.mapping(n, "audit.checkpoints", keys{"file": d.text("audit.checkpoints.file", &c.Checkpoints)}, "file")
			}})
		},
	}, "organisation", "base_url", "mail", "sources")
	d.finish(top, dir, &c)
	if len(d.faults) > 0 {
		slices.SortStableFunc(d.faults, func(a, b sources.Fault) int { return a.Line - b.Line })
		return config{}, d.faults
	}
	return c, nil
}

// finish settles what depends on more than one key.
func (d *document) finish(top *yaml.Node, dir string, c *config) {
	regime, ok := rights.RegimeByID(c.Regime)
	if ok && c.Location == nil {
		loc, err := parseZone(regime.Zone)
		if err != nil {
			d.fault(top, "time_zone: %v", err)
		}
		c.Location = loc
	}
	if ok && c.Country != "" {
		code, err := country(c.Country, regime)
		if err != nil {
			d.fault(child(top, "country"), "country: %v", err)
		}
		c.Country = code
	}
	if name, ok := strings.CutPrefix(c.MailURL, "spool:"); ok && name != "" {
		c.MailURL = "spool:" + within(dir, name)
	}
	if c.Checkpoints != "" {
		c.Checkpoints = within(dir, c.Checkpoints)
	}
}

func (d *document) organisation(n *yaml.Node, c *config) {
	d.mapping(n, "organisation", keys{
		"name":            d.words("organisation.name", c.Languages, &c.Name),
		"address":         d.text("organisation.address", &c.Address),
		"privacy_contact": d.text("organisation.privacy_contact", &c.PrivacyContact, checkMailbox),
		"officer":         d.text("organisation.officer", &c.Officer),
		"policy_url":      d.text("organisation.policy_url", &c.PolicyURL, checkLink),
		"authority": func(n *yaml.Node) {
			d.mapping(n, "organisation.authority", keys{
				"name": d.text("organisation.authority.name", &c.AuthorityName),
				"url":  d.text("organisation.authority.url", &c.AuthorityURL, checkLink),
			}, "name")
		},
	}, "name", "privacy_contact")
}

func (d *document) languages(top *yaml.Node, into *[]string) {
	n := child(top, "languages")
	if n == nil || isEmpty(n) {
		return
	}
	var chosen []string
	d.list(n, "languages", func(item *yaml.Node) {
		var lang string
		d.text("languages", &lang, oneOf(locale.Languages))(item)
		switch {
		case lang == "":
		case slices.Contains(chosen, lang):
			d.fault(item, "languages says %s twice: remove one", lang)
		default:
			chosen = append(chosen, lang)
		}
	})
	if len(chosen) > 0 {
		*into = chosen
	}
}

func (d *document) proxies(n *yaml.Node, into *[]*net.IPNet) {
	d.list(n, "trusted_proxies", func(item *yaml.Node) {
		var proxy *net.IPNet
		parsed(d, "trusted_proxies", &proxy, parseProxy)(item)
		if proxy != nil {
			*into = append(*into, proxy)
		}
	})
}

// manualDriver is the driver of systems without a connection.
const manualDriver = "manual"

// withoutDSN are the drivers of sources that are nowhere, or in the data directory.
var withoutDSN = []string{snapshotDriver, manualDriver}

func (d *document) sources(n *yaml.Node, dir string, into *[]sources.Config) {
	d.list(n, "sources", func(item *yaml.Node) {
		var s sources.Config
		required := []string{"key", "driver", "dsn", "dataset"}
		if driver := child(resolve(item), "driver"); driver != nil && slices.Contains(withoutDSN, driver.Value) {
			required = []string{"key", "driver", "dataset"}
		}
		d.mapping(item, "a source", keys{
			"key":     d.text("key", &s.Key, checkKey),
			"driver":  d.text("driver", &s.Driver, oneOf(sources.Drivers())),
			"dsn":     d.text("dsn", &s.DSN),
			"dataset": d.text("dataset", &s.Dataset),
		}, required...)
		if slices.ContainsFunc(*into, func(o sources.Config) bool { return o.Key == s.Key && s.Key != "" }) {
			d.fault(item, "two sources have the key %s: give each its own", s.Key)
		}
		switch {
		case s.Server():
			d.login(item, &s)
		case s.Driver == manualDriver && s.DSN != "":
			d.fault(child(resolve(item), "dsn"), "a system without a connection has no dsn: remove it")
		case s.Driver == snapshotDriver:
			s.DSN = within(dir, strings.TrimPrefix(s.DSN, "file:"))
		default:
			s.DSN = fileDSN(dir, s.DSN)
		}
		s.Dataset = within(dir, s.Dataset)
		*into = append(*into, s)
	})
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.fault(n, "sources is empty: name at least one system that holds people's data")
	}
}

// login reads the password for a server from the environment, which is the only place for it.
func (d *document) login(item *yaml.Node, s *sources.Config) {
	name := "HABEAS_SOURCE_" + strings.ToUpper(strings.ReplaceAll(s.Key, "-", "_")) + "_PASSWORD"
	if s.Secret() {
		d.fault(item, "leave the password out of the dsn and set it by %s or %s_FILE", name, name)
	}
	password, err := secret(name)
	if err != nil {
		d.fault(item, "%v", err)
	}
	s.Password = password
}

func (d *document) purposes(n *yaml.Node, languages []string, into *[]rights.Purpose) {
	d.list(n, "purposes", func(item *yaml.Node) {
		p := rights.Purpose{Version: 1}
		d.mapping(item, "a purpose", keys{
			"key":       d.text("key", &p.Key, checkKey),
			"title":     d.words("title", languages, &p.Title),
			"text":      d.words("text", languages, &p.Text),
			"basis":     d.text("basis", &p.Basis, oneOf(sources.Bases)),
			"valid_for": parsed(d, "valid_for", &p.ValidFor, parseMonths),
			"version":   parsed(d, "version", &p.Version, parseVersion),
			"marketing": parsed(d, "marketing", &p.Marketing, parseTruth),
			"sells":     parsed(d, "sells", &p.Sells, parseTruth),
			"sensitive": parsed(d, "sensitive", &p.Sensitive, parseTruth),
		}, "key", "title", "text", "basis")
		if slices.ContainsFunc(*into, func(o rights.Purpose) bool { return o.Key == p.Key && p.Key != "" }) {
			d.fault(item, "two purposes have the key %s: give each its own", p.Key)
		}
		*into = append(*into, p)
	})
}

// child returns the value of a key of a mapping, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

// cause strips an error of the operation and path that the sentence around it already says.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
