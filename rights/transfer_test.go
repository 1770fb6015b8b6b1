package rights

import "testing"

func TestWhatIsATransfer(t *testing.T) {
	for _, row := range []struct {
		why, home, country string
		want               bool
	}{
		{"nobody says where they are", "DE", "", false},
		{"they are at home", "CN", "CN", false},
		{"from Germany to Ireland nothing leaves the area", "DE", "IE", false},
		{"nor to Norway, which is no member of the Union", "DE", "NO", false},
		{"the United Kingdom is a third country", "DE", "GB", true},
		{"Switzerland is one, too", "DE", "CH", true},
		{"from China to Germany it leaves the country", "CN", "DE", true},
		{"and to Hong Kong", "CN", "HK", true},
		{"where home is not known, it may", "", "DE", true},
	} {
		if got := Abroad(row.home, row.country); got != row.want {
			t.Errorf("%s: %v", row.why, got)
		}
	}
}
