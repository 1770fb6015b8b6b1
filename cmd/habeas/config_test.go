package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/sources"
)

// goodConfig is the least a configuration holds; rows of the table below spoil a line of it or add some.
const goodConfig = `organisation: {name: Harbour, privacy_contact: privacy@example.com}
base_url: https://privacy.example.com
mail: {url: "smtp://mail.example.com:587", from: privacy@example.com}
sources:
  - {key: shop, driver: sqlite, dsn: "file:shop.db", dataset: shop.yml}
purposes:
  - key: news
    title: {en: News, zh-CN: 通讯}
    text: {en: Once a month., zh-CN: 每月一次。}
    basis: consent
`

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "habeas.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestConfigFaultsSayWhereAndWhatToDo(t *testing.T) {
	swap := func(old, new string) string { return strings.Replace(goodConfig, old, new, 1) }
	for _, row := range []struct{ why, text, want string }{
		{"a key near a known one", swap("base_url:", "base_ulr:"), `2: the configuration has no key "base_ulr": did you mean base_url?`},
		{"and the known one is missed", swap("base_url:", "base_ulr:"), "1: the configuration lacks base_url"},
		{"a key near none", goodConfig + "colour: red\n", `11: the configuration has no key "colour": write one of audit, base_url, cooling_off, country,`},
		{"a key inside", swap("{key: shop,", "{kye: shop,"), `5: a source has no key "kye": did you mean key?`},
		{"a key twice", goodConfig + "regime: ccpa\nregime: ccpa\n", "12: the configuration says regime twice: remove one"},
		{"a key without a value", goodConfig + "country:\n", "11: country is empty: give it a value or remove it"},
		{"a required key without a value", swap("https://privacy.example.com", ""), "1: the configuration lacks base_url"},
		{"an empty file", "", "1: the configuration lacks organisation"},
		{"a list for a mapping", swap(`{url: "smtp://mail.example.com:587", from: privacy@example.com}`, "[smtp]"), "3: mail must be a mapping of keys to values"},
		{"a mapping for a list", goodConfig + "languages: {en: yes}\n", "11: languages must be a list: begin each item with a hyphen"},
		{"no YAML at all", "organisation: {name\n", "not valid YAML"},
		{"a tab", "organisation:\n\tname: x\n", "2: not valid YAML (found character that cannot start any token): check indentation and quotes"},
		{"an unknown language", goodConfig + "languages: [en, zh]\n", `11: languages: "zh" is not known: did you mean zh-CN?`},
		{"a language twice", goodConfig + "languages: [en, en]\n", "11: languages says en twice: remove one"},
		{"a text without a language", swap("title: {en: News, zh-CN: 通讯}", "title: {en: News}"), "8: title lacks zh-CN"},
		{"a text in a language that is not spoken", swap("title: {en: News, zh-CN: 通讯}", "title: {en: News, zh-CN: 通讯, de: Neues}"), `8: title has no key "de"`},
		{"an unknown regime", goodConfig + "regime: eu_gdrp\n", `11: regime: "eu_gdrp" is not known: did you mean eu_gdpr?`},
		{"a country without holidays", goodConfig + "country: XX\n", `11: country: no holidays of "XX" under eu_gdpr: use one of AT, BE`},
		{"an unknown time zone", goodConfig + "time_zone: Berlin\n", `11: time_zone: "Berlin" is not a time zone: write one like Europe/Berlin or Asia/Shanghai`},
		{"a place of what has no connection", swap("driver: sqlite", "driver: manual"), "5: a system without a connection has no dsn: remove it"},
		{"plain http", swap("https://privacy", "http://privacy"), "2: base_url: must begin with https: plain http is only for 127.0.0.1 and localhost"},
		{"a relative address", swap("https://privacy.example.com", "privacy.example.com"), "2: base_url: write it in full, like https://privacy.example.com"},
		{"an address with a path", swap("https://privacy.example.com", "https://example.com/privacy"), "2: base_url: give the portal a host of its own"},
		{"a mail URL of another kind", swap("smtp://mail.example.com:587", "https://mail.example.com"), "3: mail.url: write it like smtp://user@host:587, smtps://user@host:465 or spool:DIR"},
		{"a password in the mail URL", swap("smtp://mail", "smtp://me:hunter2@mail"), "3: mail.url: leave the password out and set it by HABEAS_MAIL_PASSWORD or HABEAS_MAIL_PASSWORD_FILE"},
		{"a password in a URL of a source", swap(`sqlite, dsn: "file:shop.db"`, `postgres, dsn: "postgres://me:hunter2@h/db"`), "5: leave the password out of the dsn and set it by HABEAS_SOURCE_SHOP_PASSWORD or HABEAS_SOURCE_SHOP_PASSWORD_FILE"},
		{"a password in its words", swap(`sqlite, dsn: "file:shop.db"`, `postgres, dsn: "host=h password = hunter2"`), "5: leave the password out of the dsn"},
		{"a password of MySQL", swap(`sqlite, dsn: "file:shop.db"`, `mysql, dsn: "me:hunter2@tcp(h)/db"`), "5: leave the password out of the dsn"},
		{"no sender", swap(", from: privacy@example.com}\nsources", "}\nsources"), "3: mail lacks from"},
		{"a sender that is none", swap("from: privacy@example.com", "from: privacy"), `3: mail.from: "privacy" is not a mailbox: write it like privacy@example.com`},
		{"an unknown driver", swap("driver: sqlite", "driver: sqlit"), `5: driver: "sqlit" is not known: did you mean sqlite?`},
		{"no data map", swap(", dataset: shop.yml", ""), "5: a source lacks dataset"},
		{"a key with a space", swap("key: shop", "key: The Shop"), `5: key: "The Shop" cannot be a key: use small letters, digits, _ and -`},
		{"two sources of one key", swap("purposes:", "  - {key: shop, driver: sqlite, dsn: b.db, dataset: b.yml}\npurposes:"), "6: two sources have the key shop: give each its own"},
		{"no source", swap("  - {key: shop, driver: sqlite, dsn: \"file:shop.db\", dataset: shop.yml}\n", "  []\n"), "sources is empty: name at least one system that holds people's data"},
		{"an unknown basis", swap("basis: consent", "basis: consnet"), `10: basis: "consnet" is not known: did you mean consent?`},
		{"a span that is none", goodConfig + "    valid_for: two years\n", `11: valid_for: "two years" is not a number of months or years: write it like 24mo or 2y`},
		{"a version that is none", goodConfig + "    version: 0\n", `11: version: "0" is not a version: count them 1, 2, 3`},
		{"a cooling-off in months", goodConfig + "cooling_off: 1mo\n", `11: cooling_off: "1mo" is not a time of at most 14 days: write it like 72h or 3d`},
		{"a proxy by name", goodConfig + "trusted_proxies: [proxy]\n", `11: trusted_proxies: "proxy" is not an address: write it like 10.0.0.7 or 10.0.0.0/8`},
		{"a checkpoint without a file", goodConfig + "audit: {checkpoints: {}}\n", "11: audit.checkpoints lacks file"},
		{"a link that is none", swap("name: Harbour,", "name: Harbour, policy_url: privacy.html,"), `1: organisation.policy_url: "privacy.html" is not a link`},
	} {
		file := writeConfig(t, row.text)
		_, err := loadConfig(file)
		var faults sources.Faults
		if !errors.As(err, &faults) {
			t.Errorf("%s: no faults but %v", row.why, err)
			continue
		}
		if !strings.Contains(faults.Error(), file+":"+row.want) && !strings.Contains(faults.Error(), row.want) {
			t.Errorf("%s:\n%v\nwant %s", row.why, faults, row.want)
		}
		if strings.Contains(faults.Error(), "hunter2") {
			t.Errorf("%s: a fault repeats the password", row.why)
		}
	}
}

func TestConfigSaysEveryFaultAtOnceInTheOrderOfItsLines(t *testing.T) {
	_, err := loadConfig(writeConfig(t, "organisation: {name: Harbour}\nbase_url: ftp://x\nregime: mars\ncolour: red\n"))
	var faults sources.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var lines []int
	for _, f := range faults {
		lines = append(lines, f.Line)
	}
	want := []int{1, 1, 1, 2, 3, 4} // lacks mail, sources, and privacy_contact; then each bad line
	if len(lines) != len(want) {
		t.Fatalf("faults on lines %v, want %v:\n%v", lines, want, err)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Fatalf("faults on lines %v, want %v:\n%v", lines, want, err)
		}
	}
}

func TestConfigThatCannotBeReadSaysSo(t *testing.T) {
	_, err := loadConfig(filepath.Join(t.TempDir(), "none.yaml"))
	if err == nil || !strings.HasSuffix(err.Error(), "none.yaml:1: the configuration cannot be read (no such file or directory): check the path after --config") {
		t.Errorf("got %v", err)
	}
}

func TestConfigDefaults(t *testing.T) {
	c, err := loadConfig(writeConfig(t, goodConfig))
	if err != nil {
		t.Fatal(err)
	}
	if c.Regime != "eu_gdpr" || c.Location.String() != "Europe/Brussels" || c.CoolingOff != 72*time.Hour || len(c.Languages) != 2 {
		t.Errorf("regime %s, zone %s, cooling off %s, languages %v", c.Regime, c.Location, c.CoolingOff, c.Languages)
	}
	if c.Name["en"] != "Harbour" || c.Name["zh-CN"] != "Harbour" {
		t.Errorf("one name is not for every language: %v", c.Name)
	}
	if p := c.Purposes[0]; p.Version != 1 || p.ValidFor != 0 {
		t.Errorf("version %d, valid for %d months", p.Version, p.ValidFor)
	}
}

func TestConfigReadsWhatItSays(t *testing.T) {
	file := writeConfig(t, goodConfig+"    valid_for: 2y\n    version: 3\n"+`
languages: [en, zh-CN]
regime: uk_gdpr
country: gb-sct
time_zone: Europe/London
cooling_off: 3d
trusted_proxies: [10.1.2.3/8, "2001:db8::1"]
audit: {checkpoints: {file: proof/log.txt}}
`)
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(file)
	if c.Country != "GB-SCT" || c.Location.String() != "Europe/London" || c.CoolingOff != 72*time.Hour {
		t.Errorf("country %s, zone %s, cooling off %s", c.Country, c.Location, c.CoolingOff)
	}
	if c.Purposes[0].ValidFor != 24 || c.Purposes[0].Version != 3 {
		t.Errorf("purpose %+v", c.Purposes[0])
	}
	if len(c.Proxies) != 2 || c.Proxies[0].String() != "10.0.0.0/8" || !c.Proxies[1].Contains(net.ParseIP("2001:db8::1")) {
		t.Errorf("proxies %v", c.Proxies)
	}
	if c.Checkpoints != filepath.Join(dir, "proof/log.txt") || c.Sources[0].Dataset != filepath.Join(dir, "shop.yml") || c.Sources[0].DSN != "file:"+dir+"/shop.db" {
		t.Errorf("paths are not relative to the file: %s, %+v", c.Checkpoints, c.Sources[0])
	}
}

func TestThePasswordOfASourceComesFromTheEnvironment(t *testing.T) {
	text := strings.Replace(goodConfig, `{key: shop, driver: sqlite, dsn: "file:shop.db"`, `{key: my-shop, driver: postgres, dsn: "postgres://me@h/db"`, 1)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ why, variable, value, want string }{
		{"in a variable", "HABEAS_SOURCE_MY_SHOP_PASSWORD", "hunter2", "hunter2"},
		{"in a file that a variable names", "HABEAS_SOURCE_MY_SHOP_PASSWORD_FILE", file, "from a file"},
		{"of another source", "HABEAS_SOURCE_SHOP_PASSWORD", "hunter2", ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Setenv(row.variable, row.value)
			c, err := loadConfig(writeConfig(t, text))
			if err != nil {
				t.Fatal(err)
			}
			if s := c.Sources[0]; s.Password != row.want || s.DSN != "postgres://me@h/db" {
				t.Errorf("the password is %q, the dsn %q", s.Password, s.DSN)
			}
		})
	}
}

func TestConfigPathsAreRelativeToTheFile(t *testing.T) {
	for _, row := range []struct{ why, dsn, want string }{
		{"a URI", "file:shop.db?cache=shared", "file:/etc/habeas/shop.db?cache=shared"},
		{"a plain path", "shop.db", "/etc/habeas/shop.db"},
		{"an absolute URI", "file:/srv/shop.db", "file:/srv/shop.db"},
		{"an absolute path", "/srv/shop.db", "/srv/shop.db"},
	} {
		if got := fileDSN("/etc/habeas", row.dsn); got != row.want {
			t.Errorf("%s: %s, want %s", row.why, got, row.want)
		}
	}
	if got := fileDSN("/my data", "file:shop.db"); got != "file:/my%20data/shop.db" {
		t.Errorf("a directory with a blank: %s", got)
	}
}
