package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"habeas/locale"
	"habeas/rights"
)

// staffCmd keeps the privacy team.
type staffCmd struct {
	Add     staffAddCmd     `cmd:"" help:"Invite somebody, or make a new link for somebody who has not enrolled yet."`
	List    staffListCmd    `cmd:"" help:"List the team."`
	Disable staffDisableCmd `cmd:"" help:"End somebody's access and their sessions at once."`
}

type staffAddCmd struct {
	Email    string `required:"" help:"Their mailbox; they sign in with it." placeholder:"E"`
	Name     string `required:"" help:"Their name, as the team sees it." placeholder:"N"`
	Role     string `required:"" enum:"officer,approver,admin,auditor" help:"officer, approver, admin or auditor." placeholder:"R"`
	Language string `help:"Language of their letters: en or zh-CN." default:"en" enum:"en,zh-CN" placeholder:"LANG"`
}

// Run prints the link with which they enrol, once.
func (c staffAddCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	return runErrand(ctx, g, out, errand{Do: "staff.add", Email: c.Email, Name: c.Name, Role: c.Role, Language: c.Language})
}

type staffListCmd struct{}

// Run prints a line for everybody.
func (staffListCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	return runErrand(ctx, g, out, errand{Do: "staff.list"})
}

type staffDisableCmd struct {
	Email string `arg:"" help:"Their mailbox."`
}

// Run disables them.
func (c staffDisableCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	return runErrand(ctx, g, out, errand{Do: "staff.disable", Email: c.Email})
}

func addStaff(ctx context.Context, h *house, e errand) ([]string, error) {
	token, err := h.portal.Invite(ctx, rights.System, e.Email, e.Name, rights.Role(e.Role), e.Language)
	if errors.Is(err, rights.ErrConflict) {
		return nil, fmt.Errorf("%s is on the team already: see habeas staff list", e.Email)
	}
	if err != nil {
		return nil, inWords(err)
	}
	return []string{
		"Invited. A letter with this link is on its way; it works once, within 72 hours:",
		h.config.BaseURL.String() + "/staff/enrol/" + token,
	}, nil
}

func listStaff(ctx context.Context, h *house, _ errand) ([]string, error) {
	team, err := h.portal.Staff(ctx, rights.System)
	if err != nil {
		return nil, err
	}
	if len(team) == 0 {
		return []string{"Nobody yet. Invite the first: habeas staff add --email E --name N --role admin"}, nil
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "EMAIL\tNAME\tROLE\tSTATE")
	for _, m := range team {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Email, m.Name, m.Role, m.State)
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n"), nil
}

func disableStaff(ctx context.Context, h *house, e errand) ([]string, error) {
	err := h.portal.DisableStaff(ctx, rights.System, e.Email)
	if errors.Is(err, rights.ErrNotFound) {
		return nil, fmt.Errorf("%s is not on the team: see habeas staff list", e.Email)
	}
	if err != nil {
		return nil, inWords(err)
	}
	return []string{"Disabled. Their sessions have ended."}, nil
}

// inWords turns the keys of bad input into the sentences a form would show.
func inWords(err error) error {
	var faults rights.FieldErrors
	if !errors.As(err, &faults) {
		return err
	}
	var said []string
	for _, f := range faults {
		var pairs []any
		for name, value := range f.Args {
			pairs = append(pairs, name, value)
		}
		said = append(said, "--"+f.Field+": "+locale.T(locale.English, f.Key, pairs...))
	}
	return usageError{strings.Join(said, "; ")}
}
