package handlers

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// settingsRoutes are the pages of what the house has set.
func (s *server) settingsRoutes(desk *echo.Group) {
	see := desk.Group("/settings", s.may(rights.SeeSettings))
	see.GET("", s.settings)
	see.GET("/holidays", s.holidays)
	see.GET("/holidays/:place", s.holidaysOf)
	see.GET("/clocks", s.clocks)
	change := desk.Group("/settings", s.may(rights.ManageSettings))
	change.POST("", s.settingsSave)
	change.POST("/holidays/:place", s.holidaysSave)
	change.POST("/clocks", s.clocksRecompute)
}

// settingGroups are the settings that are numbers, under the headings of their page.
var settingGroups = []struct {
	name   string
	fields []string
}{
	{"deadlines", []string{"due_soon_days", "escalate_days", "paused_days", "digest_hour"}},
	{"people", []string{"people_a_day"}},
	{"keeping", []string{"closed_months"}},
}

// numbersOf are those settings by their name.
func numbersOf(set *rights.Settings) map[string]*int {
	return map[string]*int{
		"due_soon_days": &set.DueSoonDays, "escalate_days": &set.EscalateDays, "paused_days": &set.PausedDays, "digest_hour": &set.DigestHour,
		"people_a_day": &set.PeopleADay, "closed_months": &set.ClosedMonths,
	}
}

func (s *server) settings(c echo.Context) error {
	return s.drawSettings(c, http.StatusOK, form{}, nil)
}

// drawSettings draws the settings as they are, or as they were typed: then whatever differs from what stands is told beside it.
func (s *server) drawSettings(c echo.Context, status int, f form, faults []views.Fault) error {
	v := visitOf(c)
	now, err := s.portal.HouseSettings(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "settings", "")
	if err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	role := v.actor.Role
	m := views.SettingsPage{
		Desk: desk, Version: strconv.Itoa(now.Version), Faults: faults, Conflict: status == http.StatusConflict,
		CanChange: role.May(rights.ManageSettings), CanStaff: role.May(rights.ManageStaff), CanEdit: role.May(rights.EditTemplates),
		Public: views.SettingSwitch{On: now.PublicMetrics}, Keeping: s.keeping(v.lang, now.ClosedMonths),
	}
	numbers := numbersOf(&now.Settings)
	for _, group := range settingGroups {
		g := views.SettingGroup{Name: group.name, Title: t("settings.group." + group.name)}
		for _, name := range group.fields {
			field := views.SettingField{Name: name, Label: t("settings." + name), Hint: t("settings." + name + ".hint"), Value: strconv.Itoa(*numbers[name])}
			if f.values != nil && f.one(name) != field.Value {
				field.Value, field.Now = f.one(name), field.Value
			}
			for _, fault := range faults {
				if fault.Field == name {
					field.Fault = fault.Text
				}
			}
			g.Fields = append(g.Fields, field)
		}
		m.Groups = append(m.Groups, g)
	}
	if on := f.values != nil && f.one("public_metrics") == "on"; f.values != nil && on != now.PublicMetrics {
		m.Public = views.SettingSwitch{On: on, Now: onOff(v.lang, now.PublicMetrics)}
	}
	for _, change := range now.History {
		l := views.SettingsLine{When: s.dateTime(v.lang, change.At), Who: change.By}
		for _, one := range change.Changes {
			l.Changes = append(l.Changes, settingChange(v.lang, one))
		}
		m.History = append(m.History, l)
	}
	return s.page(c, status, "", views.Settings(m))
}

func onOff(lang string, on bool) string {
	if on {
		return locale.T(lang, "settings.on")
	}
	return locale.T(lang, "settings.off")
}

// settingChange says what was changed from what to what.
func settingChange(lang string, c rights.SettingChange) string {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	if place, holidays := strings.CutPrefix(c.Field, "holidays."); holidays {
		key := "settings.changed.holidays"
		if c.To == "" {
			key = "settings.changed.no_holidays"
		}
		return t(key, "Place", t("country."+place), "Lines", strings.Join(strings.Fields(c.To), " "))
	}
	if c.Field == "public_metrics" {
		return t("settings.changed", "Setting", t("settings.public"), "From", onOff(lang, c.From == "true"), "To", onOff(lang, c.To == "true"))
	}
	return t("settings.changed", "Setting", t("settings."+c.Field), "From", c.From, "To", c.To)
}

// keeping is how long the record of a closed request is kept, law by law.
func (s *server) keeping(lang string, ours int) (out []views.KeepingLine) {
	for _, g := range rights.Regimes {
		l := views.KeepingLine{Law: locale.T(lang, "regime."+g.ID), Citation: locale.Citation(lang, g.Records.Citation)}
		months := g.Records.Months
		if g.Records.IsZero() {
			months, l.Ours = ours, true
		}
		l.Period = locale.T(lang, "settings.months", "Count", months)
		out = append(out, l)
	}
	return out
}

func (s *server) settingsSave(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.saveSettings(c, f)
	}
	if err == nil {
		s.flash(c, "settings.saved")
		return s.see(c, "/staff/settings")
	}
	if errors.Is(err, rights.ErrConflict) {
		return s.drawSettings(c, http.StatusConflict, f, nil)
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawSettings(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

func (s *server) saveSettings(c echo.Context, f form) error {
	version, err := settingsVersion(f)
	if err != nil {
		return err
	}
	set := rights.Settings{PublicMetrics: f.one("public_metrics") == "on"}
	numbers := numbersOf(&set)
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		n, err := strconv.Atoi(strings.TrimSpace(f.one(name)))
		if err != nil {
			n = -1 // no number is out of every range, and told so with all the others
		}
		*numbers[name] = n
	}
	return s.portal.SaveSettings(c.Request().Context(), visitOf(c).actor, set, version)
}

// settingsVersion is the version of the settings that stood in the form.
func settingsVersion(f form) (int, error) {
	n, err := strconv.Atoi(f.one("version"))
	if err != nil || n < 0 {
		return 0, rights.Fault("version", "desk.error.version", nil)
	}
	return n, nil
}
