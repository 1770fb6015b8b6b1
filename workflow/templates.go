package workflow

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// keptVersions is how many versions of a template its page shows.
const keptVersions = 50

// LetterKind says what a letter is about.
type LetterKind = mail.Kind

// Template is the words that letters of a kind begin with, in one language.
type Template struct {
	Kind     LetterKind
	Language string
	Version  int    // 0 while nobody has changed what is built in
	Text     string // with its variables, {{ref}} and so on
	BuiltIn  bool
	At       time.Time
	By       string // the colleague's name; "" where nobody has changed it
}

// Templates lists every template there is, each in every language of the house.
func (p *Portal) Templates(ctx context.Context, by rights.Actor) ([]Template, error) {
	if err := may(by, rights.EditTemplates); err != nil {
		return nil, err
	}
	changed, err := p.Store.Templates(ctx)
	if err != nil {
		return nil, err
	}
	names, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	var out []Template
	for _, kind := range mail.Worded {
		for _, language := range p.Languages {
			t := builtIn(kind, language)
			i := slices.IndexFunc(changed, func(c store.Template) bool { return c.Kind == string(kind) && c.Language == language })
			if i >= 0 {
				t = p.version(changed[i], names)
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// TemplateFile is one template with every version before it, newest first.
type TemplateFile struct {
	Template
	Versions  []Template
	Variables []string // that its text may name
}

// Template opens one template.
func (p *Portal) Template(ctx context.Context, by rights.Actor, kind LetterKind, language string) (TemplateFile, error) {
	if err := p.mayEdit(by, kind, language); err != nil {
		return TemplateFile{}, err
	}
	kept, err := p.Store.TemplateVersions(ctx, string(kind), language, keptVersions)
	if err != nil {
		return TemplateFile{}, err
	}
	names, err := p.names(ctx)
	if err != nil {
		return TemplateFile{}, err
	}
	f := TemplateFile{Template: builtIn(kind, language), Variables: mail.Variables()}
	for _, v := range kept {
		f.Versions = append(f.Versions, p.version(v, names))
	}
	if len(f.Versions) > 0 {
		f.Template = f.Versions[0]
	}
	return f, nil
}

// SaveTemplate makes text the next version of a template, for letters that are written from now on.
func (p *Portal) SaveTemplate(ctx context.Context, by rights.Actor, kind LetterKind, language string, version int, text string) error {
	if err := p.mayEdit(by, kind, language); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if f, bad := tooLong("text", text); bad {
		return rights.FieldErrors{f}
	}
	if err := mail.CheckTemplate("text", text); err != nil {
		return err
	}
	return p.keepTemplate(ctx, by, "template.saved", store.Template{Kind: string(kind), Language: language, Version: version + 1, Text: text})
}

// RestoreTemplate goes back to the words that are built in. What the house had stays among the versions.
func (p *Portal) RestoreTemplate(ctx context.Context, by rights.Actor, kind LetterKind, language string, version int) error {
	if err := p.mayEdit(by, kind, language); err != nil {
		return err
	}
	return p.keepTemplate(ctx, by, "template.restored", store.Template{Kind: string(kind), Language: language, Version: version + 1, BuiltIn: true})
}

func (p *Portal) keepTemplate(ctx context.Context, by rights.Actor, act string, t store.Template) error {
	t.At, t.By = p.Now(), by.ID
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertTemplate(t, p.entry(by, act, "", "", map[string]string{
			"kind": t.Kind, "language": t.Language, "version": strconv.Itoa(t.Version),
		}))
	})
}

// mayEdit is the gate of one template: of a kind that has one, in a language of the house.
func (p *Portal) mayEdit(by rights.Actor, kind LetterKind, language string) error {
	if !slices.Contains(mail.Worded, kind) || !slices.Contains(p.Languages, language) {
		return rights.ErrNotFound
	}
	return may(by, rights.EditTemplates)
}

// inUse is what letters of a kind begin with now.
func (p *Portal) inUse(ctx context.Context, kind LetterKind, language string) (Template, error) {
	newest, err := p.Store.TemplateVersions(ctx, string(kind), language, 1)
	if err != nil || len(newest) == 0 {
		return builtIn(kind, language), err
	}
	return p.version(newest[0], nil), nil
}

func builtIn(kind LetterKind, language string) Template {
	return Template{Kind: kind, Language: language, Text: mail.BuiltIn(language, kind), BuiltIn: true}
}

// version is a stored version with the words that it stands for.
func (p *Portal) version(v store.Template, names map[string]string) Template {
	t := Template{
		Kind: LetterKind(v.Kind), Language: v.Language, Version: v.Version, Text: v.Text, BuiltIn: v.BuiltIn, At: v.At, By: names[v.By],
	}
	if v.BuiltIn {
		t.Text = mail.BuiltIn(v.Language, t.Kind)
	}
	return t
}

// samples say for which act each kind of letter is shown as a sample, and with which reason for asking.
var samples = map[LetterKind]struct {
	act StatutoryAct
	why string
}{
	mail.KindAcknowledged:       {ActAcknowledge, ""},
	mail.KindAskedIdentity:      {ActAsk, rights.ForIdentity},
	mail.KindAskedClarification: {ActAsk, rights.ForClarification},
	mail.KindExtended:           {ActExtend, ""},
	mail.KindFulfilled:          {ActFulfil, ""},
	mail.KindFulfilledInPart:    {ActPartly, ""},
	mail.KindRefused:            {ActRefuse, ""},
	mail.KindCorrectionDeclined: {ActDecline, ""},
	mail.KindReopened:           {ActReopen, ""},
	mail.KindExplained:          {ActFulfil, ""},
}

// TryTemplate shows the letter that a text would begin, about a request that nobody made: ten days old, for access, under
// the law of the house.
func (p *Portal) TryTemplate(by rights.Actor, kind LetterKind, language, text string) (Draft, error) {
	if err := p.mayEdit(by, kind, language); err != nil {
		return Draft{}, err
	}
	if err := mail.CheckTemplate("text", text); err != nil {
		return Draft{}, err
	}
	g, err := p.regime(p.Regime)
	if err != nil {
		return Draft{}, err
	}
	r, err := p.reckon(rights.Request{
		Ref: sampleRef, Right: rights.Access, Regime: g.ID, Channel: rights.ByPhone, Language: language, State: rights.InProgress,
		ReceivedAt: p.Now().AddDate(0, 0, -10), Version: 1, Identity: rights.ByCallback,
	})
	if err != nil {
		return Draft{}, err
	}
	m := matter{Request: r, law: g}
	sample := samples[kind]
	ground := sample.why
	if sample.act == ActDecline {
		m.Right, m.correction = rights.Rectification, &rights.Correction{Field: "…"}
	}
	if ground == "" {
		ground = g.Grounds(m.Right)[0].ID // every law lists some for these two rights
	}
	if kind == mail.KindExplained {
		m.Right = rights.Explanation
	}
	ruled, err := rulings[sample.act](p, m, ground)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Words: mail.Fill(p.House, language, text, p.aboutLetter(ruled.request))}
	d.Draft, err = mail.Preview(p.House, language, ruled.letter(""), false)
	return d, err
}

// sampleRef is the reference of the request that nobody made. Its last character fits.
const sampleRef = "HB-7Q4K-9TXM"
