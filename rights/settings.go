package rights

import "strconv"

// Settings are what a house decides for itself at its desk. Every change is audited with its version.
type Settings struct {
	DueSoonDays   int  `json:"due_soon_days"`  // this many days before the last day whoever works on it is told
	EscalateDays  int  `json:"escalate_days"`  // this many days before, the approvers too
	PausedDays    int  `json:"paused_days"`    // a pause longer than this is worth a word
	DigestHour    int  `json:"digest_hour"`    // of the house's day, at which the daily digest leaves
	PeopleADay    int  `json:"people_a_day"`   // how many different people one member of staff may look at (security.md 6)
	ClosedMonths  int  `json:"closed_months"`  // how long the record of a closed request is kept where its law sets no period
	PublicMetrics bool `json:"public_metrics"` // whether /transparency is shown to anybody
	// Holidays are further lines of holiday files by place, "2027 01-01 10-01..10-07" or "2027 work 02-07": years that were
	// published after this program was built.
	Holidays map[string]string `json:"holidays,omitempty"`
}

// DefaultSettings are those of a new house.
func DefaultSettings() Settings {
	return Settings{DueSoonDays: 7, EscalateDays: 2, PausedDays: 21, DigestHour: 8, PeopleADay: 50, ClosedMonths: 36}
}

// number is a setting that is one, and what it may be.
type number struct {
	field            string
	value, low, high int
}

func (s Settings) numbers() []number {
	return []number{
		{"due_soon_days", s.DueSoonDays, 1, 30},
		{"escalate_days", s.EscalateDays, 0, 30},
		{"paused_days", s.PausedDays, 1, 365},
		{"digest_hour", s.DigestHour, 0, 23},
		{"people_a_day", s.PeopleADay, 1, 1000},
		{"closed_months", s.ClosedMonths, 1, 240},
	}
}

// Check returns what is wrong with the settings, field by field.
func (s Settings) Check() error {
	var faults FieldErrors
	for _, n := range s.numbers() {
		if n.value < n.low || n.value > n.high {
			faults = append(faults, FieldError{Field: n.field, Key: "settings.error.range", Args: map[string]any{"Low": n.low, "High": n.high}})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	_, err := ParseHolidays(s.Holidays)
	return err
}

// SettingChange is one setting that differs between two versions. A field of holidays is "holidays.DE".
type SettingChange struct{ Field, From, To string }

// Since returns what has changed since an earlier version.
func (s Settings) Since(before Settings) (out []SettingChange) {
	was := before.numbers()
	for i, n := range s.numbers() {
		if n.value != was[i].value {
			out = append(out, SettingChange{n.field, strconv.Itoa(was[i].value), strconv.Itoa(n.value)})
		}
	}
	if s.PublicMetrics != before.PublicMetrics {
		out = append(out, SettingChange{"public_metrics", strconv.FormatBool(before.PublicMetrics), strconv.FormatBool(s.PublicMetrics)})
	}
	for _, place := range HolidayPlaces() {
		if s.Holidays[place] != before.Holidays[place] {
			out = append(out, SettingChange{"holidays." + place, before.Holidays[place], s.Holidays[place]})
		}
	}
	return out
}

// AlertKind is what a member of staff is told of.
type AlertKind string

// The kinds of alert.
const (
	AlertAssigned  AlertKind = "assigned"      // a request is theirs now
	AlertMentioned AlertKind = "mentioned"     // a colleague named them in a note
	AlertMessage   AlertKind = "message"       // the person wrote
	AlertNew       AlertKind = "new"           // a request came in that somebody must answer
	AlertDueSoon   AlertKind = "due_soon"      // its last day is near
	AlertLate      AlertKind = "late"          // its last day has passed
	AlertEscalated AlertKind = "escalated"     // to approvers: nobody has answered it in time
	AlertPaused    AlertKind = "paused"        // it has stood still for long
	AlertLetter    AlertKind = "letter_parked" // a letter about it could not be sent
	AlertBudget    AlertKind = "budget"        // a colleague has looked at too many people today
	AlertApproval  AlertKind = "approval"      // something waits for a second pair of eyes
	AlertReview    AlertKind = "review"        // the quarterly self-check is due
	AlertBack      AlertKind = "came_back"     // what was erased is there again, and is being erased again
	AlertKept      AlertKind = "kept_over"     // what was kept on a ground must go, and a machine may not
	AlertRecipient AlertKind = "recipient"     // a recipient of data does not answer, cannot do it, or is to be told by hand
	AlertHold      AlertKind = "hold_review"   // a legal hold is to be looked at: is it still needed
	AlertRetention AlertKind = "retention"     // records are past a retention rule, and somebody must approve that they go
)

// AlertKinds lists every kind.
var AlertKinds = []AlertKind{
	AlertAssigned, AlertMentioned, AlertMessage, AlertNew, AlertDueSoon, AlertLate, AlertEscalated, AlertPaused, AlertLetter, AlertBudget, AlertApproval,
	AlertBack, AlertKept, AlertHold, AlertReview, AlertRetention, AlertRecipient,
}
