package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"habeas/locale"
	"habeas/rights"
)

// runDeadline drives the command the way main does: through kong, from its arguments.
func runDeadline(t testing.TB, args ...string) (string, error) {
	t.Helper()
	var cli struct {
		Deadline deadlineCmd `cmd:""`
	}
	parser, err := kong.New(&cli, kong.Exit(func(int) { t.Fatal("kong ended the process") }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := parser.Parse(append([]string{"deadline"}, args...))
	if err != nil {
		return "", usageError{err.Error()}
	}
	var out bytes.Buffer
	ctx.BindTo(&out, (*io.Writer)(nil))
	err = ctx.Run()
	return out.String(), err
}

func TestDeadlineCountsAsTheLawDoes(t *testing.T) {
	for _, row := range []struct{ why, args, due, strict string }{
		{"its last day a Saturday: Monday", "eu_gdpr 2026-01-31 --kind response", "2026-03-02", "2026-03-02"},
		{"Christmas of the country", "eu_gdpr 2026-11-25 --kind response --country DE", "2026-12-28", "2026-12-28"},
		{"no country, so no Christmas", "eu_gdpr 2026-11-25 --kind response", "2026-12-25", "2026-12-25"},
		{"Greece by its European code", "eu_gdpr 2026-03-13 --kind response --country el", "2026-04-14", "2026-04-14"},
		{"a substitute bank holiday", "uk_gdpr 2026-11-25 --kind response", "2026-12-29", "2026-12-29"},
		{"Easter Monday rests in England", "uk_gdpr 2026-03-06 --kind response", "2026-04-07", "2026-04-07"},
		{"and does not in Scotland", "uk_gdpr 2026-03-06 --kind response --country GB-SCT", "2026-04-06", "2026-04-06"},
		{"an extension from the original start", "uk_gdpr 2026-09-05 --kind extended", "2026-12-07", "2026-12-07"},
		{"the day of receipt is that of the sender", "ccpa 2026-11-20T23:30:00-08:00 --kind response", "2027-01-04", "2027-01-03"},
		{"Thanksgiving", "ccpa 2026-11-20 --kind ack", "2026-12-07", "2026-12-04"},
		{"fifteen business days", "ccpa 2026-11-20 --kind opt_out", "2026-12-14", "2026-12-11"},
		{"golden week and make-up days", "cn_pipl 2026-09-18 --kind cancellation", "2026-10-15", "2026-10-15"},
		{"thirty days end in golden week", "cn_pipl 2026-09-02 --kind response", "2026-10-08", "2026-10-08"},
		{"counted from the identity check", "cn_pipl 2026-08-01 --identity-received 2026-08-10 --kind response", "2026-09-09", "2026-09-09"},
		{"ID came late", "uk_gdpr 2026-03-02 --identity-received 2026-03-10 --kind response", "2026-04-10", "2026-04-10"},
		{"clarification, both days inclusive", "uk_gdpr 2026-03-02 --clarification-asked 2026-03-04 --clarification-answered 2026-03-10 --kind response", "2026-04-09", "2026-04-09"},
		{"in the EU only guidance stops the clock", "eu_gdpr 2026-03-02 --clarification-asked 2026-03-04 --clarification-answered 2026-03-10 --kind response", "2026-04-08", "2026-04-02"},
		{"California never stops", "ccpa 2026-11-20 --identity-received 2026-12-20 --kind response", "2027-01-04", "2027-01-03"},
		{"the first day counts", "uk_gdpr 2026-07-01 --kind complaint_ack", "2026-07-30", "2026-07-30"},
		{"the hour of awareness is left out", "eu_gdpr 2026-11-20T16:20:00+01:00 --kind breach_authority", "2026-11-23T17:00:00+01:00", "2026-11-23T16:20:00+01:00"},
		{"seventy-two hours through the change to summer time", "eu_gdpr 2026-03-27T12:00:00+01:00 --kind breach_authority", "2026-03-30T13:00:00+02:00", "2026-03-30T13:00:00+02:00"},
		{"and back again, in Athens", "eu_gdpr 2026-10-24T09:30:00+03:00 --kind breach_authority", "2026-10-27T09:00:00+02:00", "2026-10-27T08:30:00+02:00"},
		{"a time without a zone is the regime's", "cn_pipl 2026-11-20T09:00 --kind breach_authority", "2026-11-20T13:00:00+08:00", "2026-11-20T13:00:00+08:00"},
		{"critical infrastructure", "cn_pipl 2026-11-20T09:00:00+08:00 --operator ciio --kind breach_authority", "2026-11-20T10:00:00+08:00", "2026-11-20T10:00:00+08:00"},
		{"a sample letter", "ccpa 2026-12-01 --kind breach_sample", "2026-12-16", "2026-12-16"},
		{"three business days of Brazil, Zumbi's day left out", "br_lgpd 2026-11-18 --kind breach_authority", "2026-11-24", "2026-11-24"},
	} {
		out, err := runDeadline(t, append(strings.Fields(row.args), "--json")...)
		if err != nil {
			t.Errorf("%s: %v", row.why, err)
			continue
		}
		var got []dueJSON
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Due != row.due || got[0].StrictDue != row.strict {
			t.Errorf("%s: %s: got %+v, want %s and %s", row.why, row.args, got, row.due, row.strict)
		}
	}
}

func TestDeadlineSaysWhatItDoesNotKnow(t *testing.T) {
	for _, row := range []struct{ why, args, want string }{
		{"no country", "eu_gdpr 2026-11-26 --kind response", "No country was named"},
		{"a year without a notice", "cn_pipl 2027-03-01 --kind response", "not known for 2027"},
		{"working days that run into such a year", "cn_pipl 2026-12-25 --kind cancellation", "not known for 2027"},
		{"a pause that lasts", "uk_gdpr 2026-03-02 --clarification-asked 2026-03-04 --kind response", "since 2026-03-04"},
		{"a rule to come", "in_dpdp 2026-11-20 --kind response", "only from 2027-05-13"},
		{"a rule to come, for complaints", "uk_gdpr 2026-05-01 --kind complaint_ack", "only from 2026-06-19"},
		{"a day where hours count", "eu_gdpr 2026-11-20 --kind breach_authority", "No time of day"},
		{"an undefined word", "ccpa 2026-11-20 --kind ack", "does not define"},
		{"in Chinese", "cn_pipl 2027-03-01 --kind response --language zh-CN", "以官方公布的放假安排为准"},
	} {
		for _, form := range []string{"--json", ""} {
			out, err := runDeadline(t, strings.Fields(row.args+" "+form)...)
			if err != nil || !strings.Contains(out, row.want) {
				t.Errorf("%s %s: want %q in:\n%s%v", row.why, form, row.want, out, err)
			}
		}
	}
}

func TestDeadlineWrongUseSaysWhatToWrite(t *testing.T) {
	for _, row := range []struct{ args, want string }{
		{"gdpr 2026-11-20", "eu_gdpr, uk_gdpr"},
		{"eu_gdpr yesterday", "write 2026-01-31"},
		{"eu_gdpr 2026-02-30", "write 2026-01-31"},
		{"eu_gdpr 2026-11-20 --kind soon", "breach_authority"},
		{"eu_gdpr 2026-11-20 --kind ack", "it sets response"},
		{"eu_gdpr 2026-11-20 --country US", "AT, BE"},
		{"uk_gdpr 2026-11-20 --identity-received tomorrow", "--identity-received"},
		{"uk_gdpr 2026-11-20 --clarification-asked 2026-11-22 --clarification-answered 2026-11-21", "check the two days"},
		{"cn_pipl 2026-11-20 --operator bank", "ciio, central"},
		{"cn_pipl 2026-11-20 --language fr", "en, zh-CN"},
		{"eu_gdpr", "date-or-time"},
	} {
		_, err := runDeadline(t, strings.Fields(row.args)...)
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(usage.msg, row.want) || strings.Contains(usage.msg, "\n") {
			t.Errorf("%s: got %v, want a usage error of one line with %q", row.args, err, row.want)
		}
	}
}

func TestEveryRegimePrintsItsDatesInBothLanguages(t *testing.T) {
	for _, g := range rights.Regimes {
		for _, lang := range locale.Languages {
			out, err := runDeadline(t, g.ID, "2026-11-20", "--language", lang)
			if err != nil || strings.Contains(out, "⟦") || !strings.Contains(out, locale.T(lang, "kind.response")) {
				t.Errorf("%s in %s: %v\n%s", g.ID, lang, err, out)
			}
		}
	}
}

func TestTheLawHasWordsInEveryLanguage(t *testing.T) {
	var keys []string
	for _, k := range rights.Kinds {
		keys = append(keys, "kind."+string(k))
	}
	for _, r := range rights.Rights {
		keys = append(keys, "right."+string(r))
	}
	for _, g := range rights.Regimes {
		keys = append(keys, "regime."+g.ID, "regime."+g.ID+".law", g.RouteKey())
		for _, ground := range g.Refusals {
			keys = append(keys, ground.Key(), ground.Key()+".letter")
		}
		for _, d := range g.Duties {
			for _, k := range append(d.Contents, d.Exempt...) {
				keys = append(keys, "duty."+k)
			}
		}
	}
	for _, key := range keys {
		for _, lang := range locale.Languages {
			if !locale.Has(lang, key) {
				t.Errorf("%s has no words in %s", key, lang)
			}
		}
	}
}

func FuzzDeadlineInput(f *testing.F) {
	for _, s := range []string{"2026-11-20", "2026-11-20T16:20:00+01:00", "2026-02-30", "0000-01-01", "9999-12-31", "2026-11-20T16:20", "", "-1"} {
		f.Add("eu_gdpr", s, "DE", "2026-11-22")
	}
	f.Fuzz(func(t *testing.T, regime, when, country, day string) {
		c := deadlineCmd{Regime: regime, When: when, Country: country, IdentityReceived: day, ClarificationAsked: day, JSON: true}
		var out bytes.Buffer
		err := c.Run(&out)
		var usage usageError
		if err != nil && !errors.As(err, &usage) {
			t.Fatalf("%q %q %q %q: %v is no usage error", regime, when, country, day, err)
		}
		if err == nil && !json.Valid(out.Bytes()) {
			t.Fatalf("%q %q: not JSON: %s", regime, when, out.String())
		}
	})
}

func BenchmarkDeadline(b *testing.B) {
	g, _ := rights.RegimeByID("cn_pipl")
	f := rights.Facts{Received: time.Date(2026, 9, 18, 9, 0, 0, 0, time.UTC)}
	for b.Loop() {
		g.Clock(rights.Erasure, f)
	}
}
