package handlers_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// erasable is a portal whose shop lets a machine erase; orders stay on a ground. Each pair of changes is made in its map.
func erasable(t *testing.T, changes ...string) *site {
	return newPortal(t, func(p *workflow.Portal, _ *handlers.Options) {
		text, err := os.ReadFile("testdata/shop.yml")
		if err != nil {
			t.Fatal(err)
		}
		dataset := strings.NewReplacer(append(changes,
			"label: {en: Our shop, zh-CN: 网店}", "label: {en: Our shop, zh-CN: 网店}\n      erase: delete",
			"label: {en: Orders, zh-CN: 订单}", "label: {en: Orders, zh-CN: 订单}, erase: {keep: {ground: {en: Tax law, zh-CN: 税法}, until: {en: eight years, zh-CN: 八年}}}",
		)...).Replace(string(text))
		file := filepath.Join(t.TempDir(), "shop.yml")
		if err := os.WriteFile(file, []byte(dataset), 0o600); err != nil {
			t.Fatal(err)
		}
		shop := filepath.Join(filepath.Dir(p.Packages), "shop.db")
		set, err := sources.Open(t.Context(), []sources.Config{{Key: "shop", Driver: "sqlite", DSN: "file:" + shop, Dataset: file}}, sources.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := set.Close(); err != nil {
				t.Error(err)
			}
		})
		p.Sources = set
	})
}

// erases takes every step that is due.
func (s *site) erases() {
	s.t.Helper()
	for had := true; had; {
		var err error
		had, err = s.EraseNext(s.t.Context())
		s.must(err)
	}
}

func TestAnErasureIsFollowedByWhoAskedAndByTheDesk(t *testing.T) {
	s := erasable(t)
	o := s.staff(rights.RoleOfficer)
	b := s.customer(marta)
	ref := b.post("/requests", "right", "erasure").filed(t)
	desk := "/staff/requests/" + ref
	o.get(desk).want(t, http.StatusOK).says(t, "Erasure", "Begins by itself", "Once the cooling-off is over")
	s.clock.Advance(72 * time.Hour)
	s.execute("ALTER TABLE orders RENAME TO purchases")
	s.erases()
	o = o.again()
	o.get(desk).want(t, http.StatusOK).says(t, "Waits for Our shop", "it no longer fits the data map", "Tried again")
	s.execute("ALTER TABLE purchases RENAME TO orders")
	s.clock.Advance(time.Hour)
	s.erases()
	o = o.again()
	o.get(desk).want(t, http.StatusOK).says(t, "Erased and read back; answered", "What is left", "Orders", "2 records", "Tax law · eight years", "Erased in Our shop")
	b = s.customer(marta)
	b.get("/requests/"+ref).want(t, http.StatusOK).says(t, "Erased, and looked afterwards that it is gone", "What is left, and why", "Tax law · eight years")
	b.get("/requests/"+ref+"?lang=zh-CN").want(t, http.StatusOK).says(t, "仍保存的内容及原因", "税法 · 八年", "已在网店中删除")
	b.get("/data").want(t, http.StatusOK).hides(t, "Marta Nowak", "00-950")
}

// A record of which nothing is kept is erased for whom it is about, also where the map lets the bare record stay.
func TestThePreviewSaysWhatIsEmptied(t *testing.T) {
	s := erasable(t, "confirms: true, label: {en: Phone", "erase: \"null\", confirms: true, label: {en: Phone")
	s.CoolingOff = 0
	b := s.customer(marta)
	b.get("/erase").want(t, http.StatusOK).
		says(t, "What we erase Your account 1 record · every value emptied or overwritten; the bare record stays", "What the law makes us keep Orders 2 records Tax law · Until: eight years").
		hides(t, "only:", "0 hours")
	b.get("/erase?lang=zh-CN").want(t, http.StatusOK).says(t, "1 条记录 · 各项内容均清空或者覆盖，仅保留空记录")
}

// What a column that takes no emptiness holds afterwards is the machine's mark, and no value of the person to read or correct.
func TestWhatWasOverwrittenReadsAsErased(t *testing.T) {
	s := erasable(t, "label: {en: Name", "erase: mask, label: {en: Name")
	s.CoolingOff = 0
	b := s.customer(marta)
	b.get("/data").says(t, "Name Marta Nowak Ask to correct")
	b.post("/requests", "right", "erasure").filed(t)
	s.erases()
	b.get("/data").want(t, http.StatusOK).says(t, "Name Erased").hides(t, "erased-", "Erased Ask")
	b.get("/data?lang=zh-CN").want(t, http.StatusOK).says(t, "已删除")
}
