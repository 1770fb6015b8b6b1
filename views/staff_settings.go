package views

// SettingsPage is what the house has set.
type SettingsPage struct {
	Desk
	Version   string
	Groups    []SettingGroup
	Public    SettingSwitch
	Keeping   []KeepingLine
	History   []SettingsLine
	CanChange bool
	CanStaff  bool
	CanEdit   bool // the templates of letters
	Conflict  bool // somebody else changed them meanwhile
	Faults    []Fault
}

// SettingGroup is some settings under one heading.
type SettingGroup struct {
	Name, Title string
	Fields      []SettingField
}

// SettingField is one setting that is a number. Now is what it is, where that is not what stands in the form.
type SettingField struct {
	Name, Label, Hint, Value, Now, Fault string
}

// SettingSwitch is a setting that is on or off.
type SettingSwitch struct {
	On  bool
	Now string
}

// KeepingLine is how long the record of a closed request is kept under one law.
type KeepingLine struct {
	Law, Period, Citation string
	Ours                  bool // the law sets no period: the house's own holds
}

// SettingsLine is one change of the settings.
type SettingsLine struct {
	When, Who string
	Changes   []string
}

// HolidaysPage lists the places whose holidays count.
type HolidaysPage struct {
	Desk
	Places    []HolidayLine
	CanChange bool
}

// HolidayLine is one place: the years that are built in, and what the house has added.
type HolidayLine struct{ ID, Name, Years, Added string }

// HolidayPage changes the lines that the house has added for a place.
type HolidayPage struct {
	Desk
	ID, Name, Years string
	Lines           string
	Now             string // what stands there, where somebody else changed it meanwhile
	Version         string
	CanChange       bool
	Conflict        bool
	Faults          []Fault
}

// ClocksPage shows what computing the open clocks anew would change.
type ClocksPage struct {
	Desk
	Summary   string
	More      string // that there are more than were looked at; "" for none
	Lines     []MoveLine
	CanChange bool
}

// MoveLine is one open request whose clock would be another.
type MoveLine struct {
	Reference, Right, From, To string
	Moves                      bool
}
