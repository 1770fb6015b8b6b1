package views

// TeamPage lists who works here.
type TeamPage struct {
	Desk
	Members   []MemberLine
	Email     string // what was typed in the invitation
	Invitee   string
	Why       string
	Roles     []Option
	Languages []Option
	Faults    []Fault
	Waiting   string // how many proposals wait, in words; "" for none
	Alone     bool   // nobody but the reader could approve anything
}

// MemberLine is one member of staff.
type MemberLine struct {
	ID                           string
	Name, Email, Role, Since     string
	State                        Pill
	You, CanDisable, CanHaveRole bool
}

// RolePage proposes another role for a member of staff.
type RolePage struct {
	Desk
	ID, Name, Role string
	Roles          []Option
	Why            string
	Faults         []Fault
	Alone          bool
}
