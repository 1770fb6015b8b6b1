package views

// TemplatesPage lists the words that letters begin with, kind by kind.
type TemplatesPage struct {
	Desk
	Kinds []TemplateKind
}

// TemplateKind is one kind of letter with its template in every language.
type TemplateKind struct {
	Kind, Title, Text string
	Languages         []TemplateLine
}

// TemplateLine leads to one template and says whose words it holds.
type TemplateLine struct{ Language, Href, State string }

// TemplatePage edits one template beside the letter that it would begin.
type TemplatePage struct {
	Desk
	Title      string
	Language   string // in words
	Lang       string // as a tag
	Path       string
	About      string
	State      string
	Text       string
	Version    string
	CanRestore bool
	Now        *TemplateNow // what somebody else has saved meanwhile; nil else
	Variables  []Fact
	Versions   []TemplateVersion
	Letter     *Letter  // nil where the words cannot be tried
	Words      []string // as the sample has them, paragraph by paragraph
	Faults     []Fault
}

// TemplateNow is how a template stands that somebody else has changed.
type TemplateNow struct{ Text, State string }

// TemplateVersion is one version that a template had.
type TemplateVersion struct{ State, Text string }
