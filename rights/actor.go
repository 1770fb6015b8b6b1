package rights

// Role is what somebody may do here.
type Role string

// The roles. Subject is the person whose data it is; System is the portal itself; Program one that asks by the API; the others are staff.
const (
	RoleSubject   Role = "subject"
	RoleSystem    Role = "system"
	RoleProgram   Role = "program"   // of the house, by the API; its ID is that of its token
	RoleRecipient Role = "recipient" // of data, by the link of a notice, whose ID is theirs
	RoleOfficer   Role = "officer"
	RoleApprover  Role = "approver"
	RoleAdmin     Role = "admin"
	RoleAuditor   Role = "auditor"
)

// StaffRoles lists the roles a member of staff can have.
var StaffRoles = []Role{RoleOfficer, RoleApprover, RoleAdmin, RoleAuditor}

// Actor is whoever asks: a person by subject ID, a member of staff by staff ID, or the portal itself.
type Actor struct {
	ID      string
	Role    Role
	Session string // the session the act came through, for the audit log
}

// System is the actor of what the portal does by itself.
var System = Actor{ID: "system", Role: RoleSystem}

// IsStaff reports whether a is a member of staff.
func (a Actor) IsStaff() bool {
	for _, r := range StaffRoles {
		if a.Role == r {
			return true
		}
	}
	return false
}

// Deed is something staff may be allowed to do.
type Deed string

// The deeds of the desk. Whatever shows a person (their page, their values, the proof of a request) is also logged and
// counted against the budget of whoever looks.
const (
	SeeQueue       Deed = "see_queue"       // the queue and the facts of a request
	HandleRequest  Deed = "handle_request"  // register, assign, write, decide, fulfil, refuse
	SeePeople      Deed = "see_people"      // look a person up
	SeeProof       Deed = "see_proof"       // take the proof of a request out for a regulator
	SeeDashboard   Deed = "see_dashboard"   // numbers, never people
	SaveView       Deed = "save_view"       // keep a view of the queue for oneself
	ShareView      Deed = "share_view"      // keep one for everybody
	EditTemplates  Deed = "edit_templates"  // the words that letters begin with
	SeeSettings    Deed = "see_settings"    // how the house has set things up
	ManageSettings Deed = "manage_settings" // set them up
	ManageStaff    Deed = "manage_staff"    // invite, propose another role, disable
	Approve        Deed = "approve"         // be the second of four eyes
	SeeActivities  Deed = "see_activities"  // the record of processing and the self-checks: no people
	SignReview     Deed = "sign_review"     // sign a self-check
)

var mayDo = map[Role][]Deed{
	RoleOfficer:  {SeeQueue, HandleRequest, SeePeople, SeeProof, SeeDashboard, SaveView, SeeActivities, SignReview},
	RoleApprover: {SeeQueue, HandleRequest, SeePeople, SeeProof, SeeDashboard, SaveView, ShareView, EditTemplates, Approve, SeeActivities, SignReview},
	RoleAdmin:    {SeeQueue, SeeDashboard, SaveView, ShareView, EditTemplates, SeeSettings, ManageSettings, ManageStaff, Approve, SeeActivities},
	RoleAuditor:  {SeeQueue, SeePeople, SeeProof, SeeDashboard, SeeSettings, SeeActivities},
}

// May reports whether the role allows the deed. What is not listed is not allowed.
func (r Role) May(d Deed) bool {
	for _, allowed := range mayDo[r] {
		if allowed == d {
			return true
		}
	}
	return false
}
