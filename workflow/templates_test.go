package workflow_test

import (
	"errors"
	"strings"
	"testing"

	"habeas/locale"
	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

func TestATemplateIsKeptVersionByVersion(t *testing.T) {
	h := open(t)
	admin := h.officer(rights.RoleAdmin)
	ctx := t.Context()
	all, err := h.Templates(ctx, admin)
	h.must(err)
	if len(all) != len(mail.Worded)*len(h.Languages) {
		t.Fatalf("%d templates", len(all))
	}
	for _, one := range all {
		if one.Version != 0 || !one.BuiltIn || one.By != "" {
			t.Errorf("of a new house: %+v", one)
		}
	}
	h.must(h.SaveTemplate(ctx, admin, mail.KindRefused, "en", 0, " Dear you, {{ref}}. "))
	h.must(h.SaveTemplate(ctx, admin, mail.KindRefused, "en", 1, "Hello, {{ref}}."))
	h.must(h.RestoreTemplate(ctx, admin, mail.KindRefused, "en", 2))
	f, err := h.Template(ctx, admin, mail.KindRefused, "en")
	h.must(err)
	if f.Version != 3 || !f.BuiltIn || f.Text != mail.BuiltIn("en", mail.KindRefused) || len(f.Versions) != 3 || f.Versions[2].Text != "Dear you, {{ref}}." {
		t.Errorf("it stands at %+v", f)
	}
	if f.By != "Mei Kwan" || !f.At.Equal(h.Now()) {
		t.Errorf("by %q at %v", f.By, f.At)
	}
	entries, err := h.Store.EntriesOf(ctx, "", []string{"template.saved", "template.restored"}, 0, 100)
	h.must(err)
	if len(entries) != 3 || entries[0].Facts["kind"] != "refused" || entries[0].Facts["language"] != "en" {
		t.Errorf("the log holds %+v", entries)
	}
}

func TestTwoWhoEditATemplateDoNotOverwriteEachOther(t *testing.T) {
	h := open(t)
	admin, approver := h.officer(rights.RoleAdmin), h.officer(rights.RoleApprover)
	h.must(h.SaveTemplate(t.Context(), admin, mail.KindRefused, "en", 0, "The first."))
	for sentence, err := range map[string]error{
		"saving":     h.SaveTemplate(t.Context(), approver, mail.KindRefused, "en", 0, "The second."),
		"going back": h.RestoreTemplate(t.Context(), approver, mail.KindRefused, "en", 0),
	} {
		if !errors.Is(err, rights.ErrConflict) {
			t.Errorf("%s on what somebody else has changed: %v", sentence, err)
		}
	}
	h.must(h.SaveTemplate(t.Context(), approver, mail.KindRefused, "zh-CN", 0, "另一种语言。"))
}

func TestABadTemplateIsNotSaved(t *testing.T) {
	h := open(t)
	admin := h.officer(rights.RoleAdmin)
	for text, want := range map[string]string{
		"Dear {{name}}":           "template.error.variable",
		"{{ref":                   "template.error.braces",
		strings.Repeat("x", 4001): "error.too_long",
	} {
		if err := h.SaveTemplate(t.Context(), admin, mail.KindRefused, "en", 0, text); fault(err) != want {
			t.Errorf("%.20q: %v", text, err)
		}
		if _, err := h.TryTemplate(admin, mail.KindRefused, "en", text); want != "error.too_long" && fault(err) != want {
			t.Errorf("tried, %.20q: %v", text, err)
		}
	}
	changed, err := h.Store.Templates(t.Context())
	if h.must(err); len(changed) != 0 {
		t.Errorf("saved: %+v", changed)
	}
}

func TestATemplateIsTriedOnARequestThatNobodyMade(t *testing.T) {
	h := open(t)
	for _, g := range rights.Regimes {
		h.Regime = g.ID
		for _, kind := range mail.Worded {
			for _, language := range locale.Languages {
				d, err := h.TryTemplate(rights.Actor{ID: "anybody", Role: rights.RoleApprover}, kind, language, "{{ref}} · {{due}}")
				if err != nil {
					t.Fatalf("%s under %s: %v", kind, g.ID, err)
				}
				if d.Kind != kind || !strings.HasPrefix(d.Words, "HB-7Q4K-9TXM · ") || !d.Worded {
					t.Errorf("%s under %s in %s: %q", kind, g.ID, language, d.Words)
				}
			}
		}
	}
}

func TestOnlyWhoeverMayEditTemplatesReachesThem(t *testing.T) {
	h := open(t)
	person := h.customer(ann)
	ctx := t.Context()
	for _, who := range []rights.Actor{person, h.officer(rights.RoleOfficer), h.officer(rights.RoleAuditor), rights.System} {
		_, list := h.Templates(ctx, who)
		_, one := h.Template(ctx, who, mail.KindRefused, "en")
		_, try := h.TryTemplate(who, mail.KindRefused, "en", "")
		for what, err := range map[string]error{
			"listing": list, "opening": one, "trying": try,
			"saving":     h.SaveTemplate(ctx, who, mail.KindRefused, "en", 0, "Mine."),
			"going back": h.RestoreTemplate(ctx, who, mail.KindRefused, "en", 0),
		} {
			if !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("%s by %s: %v", what, who.Role, err)
			}
		}
	}
	admin := h.officer(rights.RoleAdmin)
	for _, row := range []struct {
		kind     mail.Kind
		language string
	}{{mail.KindReceipt, "en"}, {mail.KindRefused, "fr"}, {"", ""}} {
		if err := h.SaveTemplate(ctx, admin, row.kind, row.language, 0, "x"); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s in %s: %v", row.kind, row.language, err)
		}
	}
	var none []store.Template
	if none, _ = h.Store.Templates(ctx); len(none) != 0 {
		t.Errorf("saved: %+v", none)
	}
}
