package rights

import "testing"

func TestChecksumVectors(t *testing.T) {
	for _, v := range vectors(t, "checksum_vectors.csv") {
		var ok bool
		switch v["kind"] {
		case "luhn":
			ok = Luhn(v["value"])
		case "prc_id":
			_, ok = ParseResidentID(v["value"])
		default:
			t.Fatalf("unknown kind %q", v["kind"])
		}
		if ok != (v["expected"] == "valid") {
			t.Errorf("%s %s: valid is %t, want %s (%s)", v["kind"], v["value"], ok, v["expected"], v["source"])
		}
	}
}

func TestALowerCaseCheckCharacterIsWrittenLarge(t *testing.T) {
	if got, ok := ParseResidentID("11010519491231002x"); !ok || got != "11010519491231002X" {
		t.Errorf("got %q, %t", got, ok)
	}
}

func TestALegacyNumberIsOnlyConverted(t *testing.T) {
	if got, ok := UpgradeResidentID("130503670401001"); !ok || got != "130503196704010016" {
		t.Errorf("got %q, %t", got, ok)
	}
	for _, bad := range []string{"130503670431001", "13050367040100", "13050367040100X", ""} {
		if got, ok := UpgradeResidentID(bad); ok {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

func TestEverySingleWrongDigitIsCaught(t *testing.T) {
	for i := range "6222021234567894" {
		for d := byte('0'); d <= '9'; d++ {
			s := []byte("6222021234567894")
			if s[i] == d {
				continue
			}
			s[i] = d
			if Luhn(string(s)) {
				t.Errorf("Luhn accepts %s", s)
			}
		}
	}
	for i := range "11010519491231002X" {
		for _, d := range []byte("0123456789X") {
			s := []byte("11010519491231002X")
			if s[i] == d {
				continue
			}
			s[i] = d
			if _, ok := ParseResidentID(string(s)); ok {
				t.Errorf("ParseResidentID accepts %s", s)
			}
		}
	}
}
