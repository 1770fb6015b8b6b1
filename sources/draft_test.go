package sources_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"habeas/sources"
)

// drafted writes the draft of a source where its map is configured, and returns it.
func drafted(t *testing.T, config sources.Config) string {
	t.Helper()
	text, err := sources.Draft(t.Context(), config, sources.Options{})
	must(t, err)
	must(t, os.WriteFile(config.Dataset, text, 0o600))
	return string(text)
}

func TestADraftIsAMapThatCheckAccepts(t *testing.T) { everywhere(t, testADraftIsAMapThatCheckAccepts) }

func testADraftIsAMapThatCheckAccepts(t *testing.T) {
	varchar := map[string]string{"sqlite": "TEXT", "postgres": "TEXT", "mysql": "VARCHAR(100)"}[engine(t)]
	object, shape := map[string]string{"sqlite": "TEXT", "postgres": "JSONB", "mysql": "TEXT"}[engine(t)], map[string]string{"sqlite": "TEXT", "postgres": "tsvector", "mysql": "POINT"}[engine(t)]
	schema := strings.NewReplacer("STRING", varchar, "OBJECT", object, "SHAPE", shape).Replace(`
		CREATE TABLE staff (id INTEGER PRIMARY KEY, full_name STRING, email STRING);
		CREATE TABLE customers (id INTEGER PRIMARY KEY, CustomerEMail STRING, name STRING, mobile STRING, dob DATE, password_hash STRING, rep_id INTEGER, referred_by INTEGER, profile OBJECT, spot SHAPE,
			FOREIGN KEY (rep_id) REFERENCES staff (id), FOREIGN KEY (referred_by) REFERENCES customers (id));
		CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, contact_email STRING, shipping_address STRING, remarks STRING, FOREIGN KEY (customer_id) REFERENCES customers (id));
		CREATE TABLE order_parts (order_id INTEGER, line INTEGER, name STRING, PRIMARY KEY (order_id, line), FOREIGN KEY (order_id) REFERENCES orders (id));
		CREATE TABLE gifts (id INTEGER PRIMARY KEY, order_id INTEGER, line INTEGER, FOREIGN KEY (order_id, line) REFERENCES order_parts (order_id, line));
		CREATE TABLE kehu (id INTEGER PRIMARY KEY, xingming STRING, shouji STRING, sfz STRING);
		CREATE TABLE heap (anything STRING);
		INSERT INTO staff VALUES (1, 'Staff-Ruth', 'ruth@shop.example');
		INSERT INTO customers (id, CustomerEMail, name, rep_id) VALUES (1, 'a@example.com', 'Name-Ada', 1), (2, 'b@example.com', 'Name-Bob', 1);
		INSERT INTO orders (id, customer_id, remarks) VALUES (1, 1, 'Order-Ada'), (2, 2, 'Order-Bob');
		INSERT INTO order_parts VALUES (1, 1, 'Part-Ada'), (2, 1, 'Part-Bob');`)
	email := "CustomerEMail"
	if engine(t) == "postgres" {
		email = "customeremail" // what is not quoted is small
	}
	config := source(t, "shop", schema, people)
	text := drafted(t, config)
	set := open(t, config)
	for _, f := range sources.Faults(set.Check(t.Context())).Errors() {
		t.Error(f)
	}
	if p := person(t, set, "a@example.com"); p.Seeds() != 1 {
		t.Errorf("%d rows", p.Seeds())
	}
	out := string(dump(t, set, person(t, set, "a@example.com")))
	for _, token := range []string{"Name-Ada", "Order-Ada", "Part-Ada"} {
		if !strings.Contains(out, token) {
			t.Errorf("by the draft %s is missing", token)
		}
	}
	if strings.Contains(out, "Bob") || strings.Contains(out, "Ruth") {
		t.Errorf("by the draft somebody else's comes: %s", out)
	}
	for _, c := range []struct{ why, want string }{
		{"an address", "- name: " + email + "\n            data_categories: [user.contact.email] # a guess, from its name\n            fides_meta: {identity: email} # the identity is a guess"},
		{"a list of people", "- name: customers\n        habeas_meta: {person: true} # a guess"},
		{"a table with an address that is not one", "- name: orders\n        habeas_meta: {person: false} # a guess"},
		{"a foreign key to a list of people", "- name: customer_id\n            fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}"},
		{"another foreign key, in the primary key", "- name: order_id\n            fides_meta: {primary_key: true, references: [{dataset: shop, field: orders.id}]}"},
		{"one of two columns", `# with others it refers to "order_parts.order_id": a reference goes by one column`},
		{"who looks after them", "- name: rep_id\n            fides_meta: {references: [{dataset: shop, field: staff.id}]}\n            habeas_meta: {third_party: true} # a guess"},
		{"who sent them", "- name: referred_by\n            fides_meta: {references: [{dataset: shop, field: customers.id}]}\n            habeas_meta: {third_party: true} # a guess"},
		{"a password", "- name: password_hash\n            data_categories: [user.authorization.password] # a guess"},
		{"pinyin", "- name: sfz\n            data_categories: [user.government_id.national_identification_number] # a guess"},
		{"a list of people with nothing but a number of a telephone", "- name: shouji\n            data_categories: [user.contact.phone_number] # a guess, from its name\n            fides_meta: {identity: phone_number} # the identity is a guess"},
		{"a table without a key", `# Left out, because they have no primary key to go by: "heap".`},
	} {
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: the draft does not say\n%s", c.why, c.want)
		}
	}
	if engine(t) != "sqlite" && !strings.Contains(text, `# "spot" is left out: a value of type `+strings.ToUpper(shape)) {
		t.Error("a column that cannot be read is not said to be left out")
	}
	if engine(t) == "postgres" && !strings.Contains(text, "- name: profile\n            fides_meta: {data_type: object}") {
		t.Error("a structure is not said to be one")
	}
	if t.Failed() {
		t.Log(text)
	}
	if again := drafted(t, config); again != text {
		t.Error("a second draft says something else")
	}
}

func TestADraftHoldsNamesOfEveryKind(t *testing.T) { everywhere(t, testADraftHoldsNamesOfEveryKind) }

func testADraftHoldsNamesOfEveryKind(t *testing.T) {
	quote := `"`
	if engine(t) == "mysql" {
		quote = "`"
	}
	names := []string{"yes", "null", "no", "07", "a: b", "a, b}", "# x", "- y", "[z", "客户", "微信号", "it's", "{", "&a", "*a", "!t", "%d", "@e", "~", "1.5", "2026-01-01", "a.b", " blank", "tab\tin", "ends "}
	if engine(t) == "mysql" {
		names = names[:len(names)-1] // no name of MySQL's ends with a blank
	}
	var columns []string
	for _, n := range names {
		columns = append(columns, quote+n+quote+" INTEGER")
	}
	config := source(t, "one", "CREATE TABLE "+quote+"{1}: 客户资料表"+quote+" (id INTEGER PRIMARY KEY, 邮箱 VARCHAR(50), "+strings.Join(columns, ", ")+")", people)
	text := drafted(t, config)
	set := open(t, config)
	for _, f := range sources.Faults(set.Check(t.Context())).Errors() {
		t.Error(f)
	}
	c := set.Collection("one", "{1}: 客户资料表")
	if c == nil || !c.Person {
		t.Fatalf("the list of people is not in\n%s", text)
	}
	if len(c.Fields) != len(names)+2 {
		t.Errorf("%d fields for %d columns", len(c.Fields), len(names)+2)
	}
}

func TestWhatNamesOfColumnsSuggest(t *testing.T) {
	columns := map[string]string{
		"email": "user.contact.email", "EMailAddress": "user.contact.email", "customeremail": "user.contact.email", "电子邮箱": "user.contact.email", "youxiang": "user.contact.email",
		"phone_no": "user.contact.phone_number", "手机号": "user.contact.phone_number", "lianxi_dianhua": "user.contact.phone_number", "ip": "user.device.ip_address", "ship_to": "", "trip": "",
		"tel": "user.contact.phone_number", "hotel": "", "身份证号码": "user.government_id.national_identification_number", "SSN": "user.government_id.national_identification_number", "session": "",
		"FirstName": "user.name.first", "customer_name": "user.name", "contact_person": "user.name", "product_name": "", "username": "user.account.username", "出生日期": "user.demographic.date_of_birth",
		"age": "user.demographic.age_range", "page": "", "image": "", "billing_address": "user.contact.address", "ip_address": "user.device.ip_address", "收货地址": "user.contact.address", "city": "user.contact.address.city", "velocity": "",
		"iban": "user.financial.bank_account", "CardNumber": "user.financial.credit_card", "备注": "user.content", "total": "", "created_at": "", "sku": "", "sex": "user.demographic.gender", "race": "user.demographic.race_ethnicity", "trace_id": "", "lat": "user.location.precise", "platform": "",
	}
	var list []string
	for name := range columns {
		list = append(list, `"`+name+`" BLOB`)
	}
	text := drafted(t, source(t, "one", `CREATE TABLE things (id INTEGER PRIMARY KEY, `+strings.Join(list, ", ")+`)`, people))
	said := map[string]string{}
	for _, m := range regexp.MustCompile(`- name: (\S+)(?:\n +data_categories: \[(\S+)\])?`).FindAllStringSubmatch(text, -1) {
		said[m[1]] = m[2]
	}
	for name, want := range columns {
		if got, ok := said[name]; !ok || got != want {
			t.Errorf("%s suggests %q, want %q", name, got, want)
		}
	}
}

func TestASourceThatCannotBeDraftedSaysWhy(t *testing.T) {
	gone := sources.Config{Key: "one", Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "gone.db")}
	_, err := sources.Draft(t.Context(), gone, sources.Options{})
	if s, ok := errorAs[*sources.SourceError](err); !ok || s.Kind != sources.Down {
		t.Errorf("of a file that is missing: %v", err)
	}
	if _, err := sources.Draft(t.Context(), source(t, "one", `CREATE TABLE heap (x TEXT)`, people), sources.Options{}); !errors.Is(err, sources.ErrNoSchema) {
		t.Errorf("of a database without a key: %v", err)
	}
	if _, err := sources.Draft(t.Context(), sources.Config{Key: "one", Driver: "oracle"}, sources.Options{}); err == nil {
		t.Error("of a driver that there is not: no error")
	}
}
