package sources

import (
	"context"
	"errors"
)

// manualSystem is a system without a connection: a cellar of paper, a program that nothing can ask. Its map says what lies in
// it, so that people are told and the record of processing is whole; whatever is to be done in it is done by a team.
//
// No plan leads into it, so none of this is called while the rest is right.
type manualSystem struct{}

func openManual(c Config, _ bool, _ Options) (system, error) {
	if c.DSN != "" {
		return nil, errors.New("a system without a connection has no dsn: leave it out")
	}
	return manualSystem{}, nil
}

// errManual is what a system without a connection answers.
var errManual = errors.New("the system has no connection: ask the team that looks after it")

func (manualSystem) columns(context.Context, *Collection) ([]column, error) { return nil, errManual }

func (manualSystem) rows(context.Context, query, func([]any) error) error { return errManual }

func (manualSystem) change(context.Context, *Field, cond, func(any) (any, error)) (any, error) {
	return nil, errManual
}

func (manualSystem) kind(error) Kind { return "" }

func (manualSystem) close() error { return nil }

// manualFaults finds what a map must say of a system without a connection, and what makes no sense there.
func manualFaults(datasets []*Dataset) Faults {
	var faults Faults
	for _, d := range datasets {
		if len(d.Team) == 0 {
			faults = append(faults, d.place.fault("dataset %q is of a system without a connection, so a team has to look: write who it is, habeas_meta: {team: Archive}", d.Key))
		}
		for _, c := range d.Collections {
			if len(c.Flags) > 0 {
				faults = append(faults, c.place.fault("collection %q has flags, which a machine writes, and its system has no connection: leave them out, and the team gets a task", c.Name))
			}
			if c.Retain != nil {
				faults = append(faults, c.place.fault("collection %q has retain, which a machine looks up, and its system has no connection: say it in words under retention", c.Name))
			}
			walk(c.Fields, func(f *Field) {
				if f.Meta.Editable == EditableSelf {
					faults = append(faults, f.place.fault("field %q is editable: self, and its system has no connection: say editable: ask, and the team corrects it", f.Path()))
				}
				for _, r := range f.References {
					faults = append(faults, r.place.warning("the reference of %q is not followed: its system has no connection", f.Path()))
				}
			})
		}
	}
	return faults
}

// Manual reports whether a source is a system without a connection: nobody can ask it, a team looks.
func (s *Set) Manual(source string) bool {
	src := s.source(source)
	if src == nil {
		return false
	}
	_, manual := src.system.(manualSystem)
	return manual
}

// Team returns who answers for a source, nothing where its map does not say.
func (s *Set) Team(source string) Text {
	for _, c := range s.mapped {
		if c.Source() == source && len(c.Dataset.Team) > 0 {
			return c.Dataset.Team
		}
	}
	return nil
}
