package views

// TokensPage is GET and POST /staff/settings/tokens.
type TokensPage struct {
	Desk
	Tokens  []TokenLine
	Scopes  []Option
	Name    string // as typed
	Made    string // a token, this once; "" for none
	MadeFor string
	Manages bool
	Faults  []Fault
}

// TokenLine is a token, without itself.
type TokenLine struct {
	ID, Name, By, Used string
	Scopes             []string
	State              Pill
	Stands             bool
}
