package proof

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"habeas/locale"
	"habeas/rights"
)

// members lists the files of the case in the order of the ZIP.
func (c Case) members() ([]member, error) {
	var out []member
	for _, lang := range c.languages() {
		page, err := c.index(lang)
		if err != nil {
			return nil, err
		}
		out = append(out, content(c.indexName(lang), page))
	}
	letters, letterFiles, err := c.letters()
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		of   any
	}{
		{"facts.json", c.facts()}, {"clock.json", c.Request.Clock}, {"decisions.json", c.decisions()}, {"tasks.json", c.tasks()},
		{"messages.json", c.messages()}, {"letters.json", letters}, {"files.json", c.files()}, {"history.json", c.history()},
	} {
		body, err := encode(f.of)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", f.name, err)
		}
		out = append(out, content(f.name, body))
	}
	out = append(out, letterFiles...)
	for i, f := range c.Files {
		out = append(out, member{fileName(i, f.File), func(w io.Writer) error { return pour(w, f.Body) }})
	}
	return out, nil
}

func pour(w io.Writer, read func() ([]byte, error)) error {
	body, err := read()
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// languages lists the language of the case first.
func (c Case) languages() []string {
	out := []string{c.Language}
	for _, l := range locale.Languages {
		if l != c.Language {
			out = append(out, l)
		}
	}
	return out
}

// indexName is index.html in the language of the case, index.zh-CN.html or the like in any other.
func (c Case) indexName(lang string) string {
	if lang == c.Language {
		return "index.html"
	}
	return "index." + lang + ".html"
}

type factsNote struct {
	Reference       string            `json:"reference"`
	Request         string            `json:"request"`
	Controller      map[string]string `json:"controller"`
	Address         string            `json:"address,omitempty"`
	Contact         string            `json:"contact,omitempty"`
	Authority       string            `json:"authority,omitempty"`
	Right           rights.Right      `json:"right"`
	Regime          string            `json:"regime"`
	Law             string            `json:"law,omitempty"`
	Channel         rights.Channel    `json:"channel"`
	Identity        rights.Identity   `json:"identity"`
	Language        string            `json:"language"`
	State           rights.State      `json:"state"`
	Ground          *groundNote       `json:"ground,omitempty"`
	ReceivedAt      string            `json:"received_at"`
	AcknowledgedAt  string            `json:"acknowledged_at,omitempty"`
	NotBefore       string            `json:"not_before,omitempty"`
	Due             string            `json:"due,omitempty"`
	ClosedAt        string            `json:"closed_at,omitempty"`
	About           string            `json:"about,omitempty"`
	KeepUntil       string            `json:"keep_until,omitempty"`
	KeepCitation    string            `json:"keep_citation,omitempty"`
	PseudonymisedAt string            `json:"pseudonymised_at,omitempty"`
	Correction      *correctionNote   `json:"correction,omitempty"`
	Missing         []Loss            `json:"missing"`
}

type groundNote struct {
	ID       string `json:"id"`
	Citation string `json:"citation,omitempty"`
}

type correctionNote struct {
	Source     string `json:"source"`
	Collection string `json:"collection"`
	Field      string `json:"field"`
	Old        string `json:"old"`
	New        string `json:"new"`
	Reason     string `json:"reason,omitempty"`
	Decision   string `json:"decision,omitempty"`
	Ground     string `json:"ground,omitempty"`
	DecidedAt  string `json:"decided_at,omitempty"`
}

func (c Case) facts() factsNote {
	r := c.Request
	f := factsNote{
		Reference: r.Ref, Request: r.ID, Controller: c.House.Name, Address: c.House.Address, Contact: c.House.Contact, Authority: c.House.Authority,
		Right: r.Right, Regime: r.Regime, Channel: r.Channel, Identity: r.Identity, Language: r.Language, State: r.State, Ground: ground(r, r.Ground),
		ReceivedAt: c.when(r.ReceivedAt), AcknowledgedAt: c.when(r.AcknowledgedAt), NotBefore: c.when(r.NotBefore), Due: r.Due.String(),
		ClosedAt: c.when(r.ClosedAt), About: c.About, KeepUntil: c.KeepUntil.Due.String(), KeepCitation: c.KeepUntil.Citation,
		PseudonymisedAt: c.when(r.PseudonymisedAt), Missing: list(c.Missing),
	}
	if g, ok := rights.RegimeByID(r.Regime); ok {
		f.Law = g.Law.Citation
	}
	if k := c.Correction; k != nil {
		f.Correction = &correctionNote{
			Source: k.Source, Collection: k.Collection, Field: k.Field, Old: k.Old, New: k.New, Reason: k.Reason,
			Decision: k.Decision, Ground: k.Ground, DecidedAt: c.when(k.DecidedAt),
		}
	}
	return f
}

// ground is a ground with where its law lists it.
func ground(r rights.Request, id string) *groundNote {
	if id == "" {
		return nil
	}
	n := &groundNote{ID: id}
	if g, ok := rights.RegimeByID(r.Regime); ok {
		if ground, ok := g.Ground(id); ok {
			n.Citation = ground.Citation
		}
	}
	return n
}

type messageNote struct {
	ID   string      `json:"id"`
	At   string      `json:"at"`
	From rights.Role `json:"from"`
	By   string      `json:"by,omitempty"` // staff ID
	Text string      `json:"text"`
}

func (c Case) messages() []messageNote {
	out := []messageNote{}
	for _, m := range c.Messages {
		out = append(out, messageNote{ID: m.ID, At: c.when(m.At), From: m.Actor.Role, By: staffID(m.Actor), Text: m.Body})
	}
	return out
}

// staffID names a colleague by what audit entries call them; whose name that is, the house knows.
func staffID(a rights.Actor) string {
	if a.IsStaff() {
		return a.ID
	}
	return ""
}

type stepNote struct {
	At    string            `json:"at"`
	Role  rights.Role       `json:"role"`
	By    string            `json:"by,omitempty"`
	Step  string            `json:"step"`
	Facts map[string]string `json:"facts,omitempty"`
	Text  string            `json:"text,omitempty"`
	State rights.State      `json:"state,omitempty"`
	Due   string            `json:"due,omitempty"`
	// Ground is in decisions only.
	Ground *groundNote `json:"ground,omitempty"`
}

func (c Case) step(e rights.Event) stepNote {
	n := stepNote{
		At: c.when(e.At), Role: e.Actor.Role, By: staffID(e.Actor), Step: e.Kind, Facts: e.Facts, Text: e.Detail,
		State: e.Left.State, Due: e.Left.Due.String(),
	}
	if e.Private {
		n.Text = "" // what colleagues wrote to each other is theirs; that they did is not
	}
	return n
}

// history is every step in the life of the request.
func (c Case) history() []stepNote {
	out := []stepNote{}
	for _, e := range c.Events {
		out = append(out, c.step(e))
	}
	return out
}

// moves are the steps that moved the request: its state, the day its answer is owed, or its ground.
func (c Case) moves() (out []rights.Event) {
	var was rights.Stand
	for _, e := range c.Events {
		now := e.Left
		if now.State != was.State || now.Due != was.Due || now.Ground != was.Ground {
			out, was = append(out, e), now
		}
	}
	return out
}

// decisions are the moves with the ground of each.
func (c Case) decisions() []stepNote {
	out := []stepNote{}
	for _, e := range c.moves() {
		n := c.step(e)
		n.Ground = ground(c.Request, e.Left.Ground)
		out = append(out, n)
	}
	return out
}

type taskNote struct {
	ID     string           `json:"id"`
	Source string           `json:"source,omitempty"`
	Kind   string           `json:"kind"`
	State  rights.TaskState `json:"state"`
	MadeAt string           `json:"made_at"`
	DoneAt string           `json:"done_at,omitempty"`
	By     string           `json:"by,omitempty"`
	Shown  *evidenceNote    `json:"evidence,omitempty"`
}

// evidenceNote shows that a task was done where no machine can: by whom, when, what, and the files of it by their sums.
type evidenceNote struct {
	By    string         `json:"by,omitempty"`
	On    string         `json:"on,omitempty"`
	Note  string         `json:"note,omitempty"`
	Files []evidenceFile `json:"files"`
}

type evidenceFile struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// tasks are what was to be done, source by source. What colleagues noted is left out, unless it is evidence.
func (c Case) tasks() []taskNote {
	out := []taskNote{}
	for _, t := range c.Tasks {
		out = append(out, taskNote{t.ID, t.Source, t.Kind, t.State, c.when(t.MadeAt), c.when(t.DoneAt), t.DoneBy, c.evidence(t)})
	}
	return out
}

// evidence is that of a task, nil where there is none.
func (c Case) evidence(t rights.Task) *evidenceNote {
	n := &evidenceNote{By: t.By, On: t.On.String(), Files: []evidenceFile{}}
	for i, f := range c.Files {
		if f.Message == t.ID {
			n.Files = append(n.Files, evidenceFile{fileName(i, f.File), f.SHA256})
		}
	}
	if t.IsZero() && len(n.Files) == 0 {
		return nil
	}
	n.Note = t.Note
	return n
}

type letterNote struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"`
	Language string   `json:"language"`
	State    string   `json:"state"`
	QueuedAt string   `json:"queued_at"`
	SentAt   string   `json:"sent_at,omitempty"`
	ServerID string   `json:"server_id,omitempty"`
	Attempts int      `json:"attempts"`
	Fault    string   `json:"fault,omitempty"`
	Files    []string `json:"files"` // the letter as it was sent, whole and in its two parts; none where nothing of it is left
}

// letters lists the letters, and the files of those that are there to be read.
func (c Case) letters() ([]letterNote, []member, error) {
	notes, files := []letterNote{}, []member(nil)
	for i, l := range c.Letters {
		n := letterNote{
			ID: l.ID, Kind: l.Kind, Language: l.Language, State: l.State, QueuedAt: c.when(l.QueuedAt), SentAt: c.when(l.SentAt),
			ServerID: l.ServerID, Attempts: l.Attempts, Fault: l.Fault, Files: []string{},
		}
		kept, err := l.Kept()
		if err != nil {
			return nil, nil, fmt.Errorf("read letter %s: %w", l.ID, err)
		}
		if kept != nil {
			for _, f := range letterFiles(i, l) {
				n.Files, files = append(n.Files, f.name), append(files, f)
			}
		}
		notes = append(notes, n)
	}
	return notes, files, nil
}

// letterParts is what of a letter is also there to be read by itself.
type letterParts struct {
	Text string `json:"text"`
	HTML string `json:"html"`
}

func letterFiles(i int, l Letter) []member {
	name := fmt.Sprintf("letters/%02d-%s", i+1, l.Kind)
	part := func(of func(letterParts) string) func(io.Writer) error {
		return func(w io.Writer) error {
			kept, err := l.Kept()
			if err != nil {
				return err
			}
			var p letterParts
			if err := json.Unmarshal(kept, &p); err != nil {
				return fmt.Errorf("letter %s cannot be read: %w", l.ID, err)
			}
			_, err = io.WriteString(w, of(p))
			return err
		}
	}
	return []member{
		{name + ".json", func(w io.Writer) error { return pour(w, l.Kept) }},
		{name + ".txt", part(func(p letterParts) string { return p.Text })},
		{name + ".html", part(func(p letterParts) string { return p.HTML })},
	}
}

type attachmentNote struct {
	Path   string      `json:"path"`
	Name   string      `json:"name"`
	Type   string      `json:"type"`
	Bytes  int         `json:"bytes"`
	SHA256 string      `json:"sha256"`
	At     string      `json:"at"`
	From   rights.Role `json:"from"`
	With   string      `json:"message,omitempty"` // the ID of the message, or the task, it came with
}

func (c Case) files() []attachmentNote {
	out := []attachmentNote{}
	for i, f := range c.Files {
		out = append(out, attachmentNote{
			Path: fileName(i, f.File), Name: f.Name, Type: f.Type, Bytes: f.Bytes, SHA256: f.SHA256, At: c.when(f.At), From: f.Actor.Role, With: f.Message,
		})
	}
	return out
}

// endings are those of what may come in (security.md 9).
var endings = map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}

// fileName is our own: what people call their files stays in files.json.
func fileName(i int, f rights.File) string { return fmt.Sprintf("files/%02d%s", i+1, endings[f.Type]) }

// when writes a time in the zone of the case (RFC 3339), "" for none.
func (c Case) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.MadeAt.Location()).Format(time.RFC3339)
}

// list makes JSON say [] where there is nothing, never null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
