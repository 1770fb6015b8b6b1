package rights

import (
	"slices"
	"testing"
	"time"
)

func TestWhichFlagARequestRaises(t *testing.T) {
	for _, c := range []struct {
		regime string
		right  Right
		want   FlagKind
	}{
		{"eu_gdpr", Restriction, Restricted}, {"uk_gdpr", Restriction, Restricted}, {"cn_pipl", Restriction, Restricted},
		{"ccpa", Restriction, Limited}, {"ccpa", OptOut, OptedOut}, {"eu_gdpr", Objection, Objected},
		{"eu_gdpr", Access, ""}, {"eu_gdpr", Explanation, ""}, {"cn_pipl", Erasure, ""},
	} {
		g, _ := RegimeByID(c.regime)
		if got := g.FlagOf(c.right); got != c.want {
			t.Errorf("%s under %s raises %q, want %q", c.right, c.regime, got, c.want)
		}
	}
}

func TestWhatStandsOfTheLedgerOfFlags(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 3, 2, h, 0, 0, 0, time.UTC) }
	up := func(k FlagKind, purpose string, h int) FlagEvent {
		return FlagEvent{Kind: k, Purpose: purpose, Raised: true, At: at(h)}
	}
	down := func(k FlagKind, purpose string, h int) FlagEvent {
		return FlagEvent{Kind: k, Purpose: purpose, At: at(h)}
	}
	for _, c := range []struct {
		sentence string
		events   []FlagEvent
		want     Flags
	}{
		{"nothing", nil, nil},
		{"what is raised stands since then", []FlagEvent{up(OptedOut, "", 9)}, Flags{{OptedOut, "", at(9)}}},
		{"raised twice it stands since the first time", []FlagEvent{up(OptedOut, "", 9), up(OptedOut, "", 10)}, Flags{{OptedOut, "", at(9)}}},
		{"lowered it stands no more", []FlagEvent{up(OptedOut, "", 9), down(OptedOut, "", 10)}, Flags{}},
		{"raised again it stands since then", []FlagEvent{up(OptedOut, "", 9), down(OptedOut, "", 10), up(OptedOut, "", 11)}, Flags{{OptedOut, "", at(11)}}},
		{"events come in any order", []FlagEvent{down(OptedOut, "", 10), up(OptedOut, "", 9)}, Flags{}},
		{"an objection to one purpose is not one to another", []FlagEvent{up(Objected, "fraud", 9), down(Objected, "other", 10)}, Flags{{Objected, "fraud", at(9)}}},
		{"lowered for all, every one falls", []FlagEvent{up(Objected, "fraud", 9), up(Objected, "ads", 9), down(Objected, "", 10)}, Flags{}},
		{"kinds do not touch each other", []FlagEvent{up(Restricted, "", 8), up(Limited, "", 9), down(Limited, "", 10)}, Flags{{Restricted, "", at(8)}}},
	} {
		if got := FlagsOf(c.events); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.sentence, got, c.want)
		}
	}
}

func TestWhetherAPurposeMayBePursued(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	hour := func(h int) time.Time { return time.Date(2026, 3, 2, h, 0, 0, 0, time.UTC) }
	given := Standing{Choice: Granted, Since: hour(9), Version: 2}
	newsletter := Purpose{Key: "newsletter", Basis: "consent", Version: 2}
	fraud := Purpose{Key: "fraud", Basis: "legitimate_interests"}
	orders := Purpose{Key: "orders", Basis: "contract"}
	ads := Purpose{Key: "ads", Basis: "contract", Marketing: true}
	broker := Purpose{Key: "broker", Basis: "consent", Version: 2, Sells: true}
	health := Purpose{Key: "health", Basis: "consent", Version: 2, Sensitive: true}
	flag := func(k FlagKind, purpose string) Flags { return Flags{{k, purpose, hour(10)}} }
	for _, c := range []struct {
		sentence string
		purpose  Purpose
		standing Standing
		flags    Flags
		because  string
		allowed  bool
	}{
		{"consent that stands", newsletter, given, nil, "granted", true},
		{"never asked", newsletter, Standing{}, nil, "not_given", false},
		{"withdrawn", newsletter, Standing{Choice: Withdrawn, Version: 2}, nil, "withdrawn", false},
		{"given to older words", newsletter, Standing{Choice: Granted, Version: 1}, nil, "outdated", false},
		{"run out this moment", newsletter, Standing{Choice: Granted, Version: 2, Until: now}, nil, "expired", false},
		{"running out in a moment", newsletter, Standing{Choice: Granted, Version: 2, Until: now.Add(1)}, nil, "granted", true},
		{"a contract asks for no consent", orders, Standing{}, nil, "lawful_basis", true},
		{"restriction stops even a contract", orders, Standing{}, flag(Restricted, ""), "restricted", false},
		{"and consent", newsletter, given, flag(Restricted, ""), "restricted", false},
		{"a closed account stops all", orders, Standing{}, flag(Closed, ""), "closed", false},
		{"an objection to one purpose", fraud, Standing{}, flag(Objected, "fraud"), "objected", false},
		{"is not one to another", fraud, Standing{}, flag(Objected, "ads"), "lawful_basis", true},
		{"an objection to all stops interests", fraud, Standing{}, flag(Objected, ""), "objected", false},
		{"but no contract (Art. 21(1))", orders, Standing{}, flag(Objected, ""), "lawful_basis", true},
		{"nor consent, which is withdrawn instead", newsletter, given, flag(Objected, ""), "granted", true},
		{"direct marketing always (Art. 21(3))", ads, Standing{}, flag(Objected, ""), "objected", false},
		{"opting out stops what is sold, consent or not", broker, given, flag(OptedOut, ""), "opted_out", false},
		{"and nothing else", newsletter, given, flag(OptedOut, ""), "granted", true},
		{"limiting stops what is sensitive", health, given, flag(Limited, ""), "limited", false},
		{"and nothing else", newsletter, given, flag(Limited, ""), "granted", true},
	} {
		got := c.purpose.Judge(c.standing, c.flags, now)
		if got.Because != c.because || got.Allowed != c.allowed || got.Purpose != c.purpose.Key || !slices.Contains(Becauses, got.Because) {
			t.Errorf("%s: %+v, want %v because %s", c.sentence, got, c.allowed, c.because)
		}
		if len(c.flags) > 0 && !got.Allowed && !got.Since.Equal(hour(10)) {
			t.Errorf("%s: since %s", c.sentence, got.Since)
		}
	}
	no, yes := Verdict{Because: "objected"}, Verdict{Allowed: true, Because: "granted"}
	if Strictest(no, yes) != no || Strictest(yes, no) != no || Strictest(yes, yes) != yes {
		t.Error("of two verdicts the stricter does not count")
	}
}

func TestARestrictionIsCalledALimitInCalifornia(t *testing.T) {
	for _, c := range []struct {
		regime string
		right  Right
		want   Right
	}{
		{"ccpa", Restriction, "limit"}, {"eu_gdpr", Restriction, Restriction}, {"ccpa", OptOut, OptOut}, {"none", Restriction, Restriction},
	} {
		if got := (Request{Regime: c.regime, Right: c.right}).Called(); got != c.want {
			t.Errorf("%s under %s is called %s, want %s", c.right, c.regime, got, c.want)
		}
	}
}
