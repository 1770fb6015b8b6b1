package views

// StaffActs are the forms of a request: what an officer can do with it now.
type StaffActs struct {
	Version string
	Owners  []Option
	Mine    string   // the officer's own ID where the request is not theirs yet; "" else
	Message *ActForm // nil once the request is closed
	Note    ActForm
	Decide  []ActForm
}

// ActForm is one form of a request's page. Its name is the last part of the address that it posts to, and begins the
// id of its fields, because several forms of a page have a field "text".
type ActForm struct {
	Name    string
	Text    string // what was typed
	Fault   string
	Grounds []Option // nil where no ground is asked for
	Ground  string   // what is wrong with it
	Wordy   bool     // takes words
	Checked bool     // cannot be taken back: a page of its own asks once more
	Open    bool
	Danger  bool
	Clock   bool // moves dates, and decides nothing
}

// StaffCheckPage asks once more before an act that cannot be taken back.
type StaffCheckPage struct {
	Desk
	Reference string
	Title     string
	Act       string // fulfil, refuse, accept, decline
	Facts     []Fact
	Change    *Change
	Version   string
	Ground    string
	Text      string
	Danger    bool
}
