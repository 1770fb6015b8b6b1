package workflow

import (
	"context"
	"slices"
	"strings"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
)

// Whom is somebody a program asks about: by the address or by a number that was issued to them, one of the two.
type Whom struct{ Email, Number string }

// maxPurposes is how many purposes one question names.
const maxPurposes = 100

// CheckConsents says of each purpose whether it may be pursued with somebody's data now, in the order asked; of none named, of
// every purpose there is. Of somebody whom the portal does not know it says what holds for whoever never chose anything: that
// somebody is known is not told. Where several people stand behind one address, what any of them does not want is not done.
func (p *Portal) CheckConsents(ctx context.Context, by rights.Actor, who Whom, purposes []string) ([]rights.Verdict, error) {
	if by.Role != rights.RoleProgram {
		return nil, rights.ErrNotFound
	}
	asked, err := p.askedFor(purposes)
	if err != nil {
		return nil, err
	}
	people, err := p.meant(ctx, who)
	if err != nil {
		return nil, err
	}
	out := make([]rights.Verdict, len(asked))
	for i, purpose := range asked {
		out[i] = purpose.Judge(rights.Standing{Purpose: purpose.Key}, nil, p.Now())
	}
	for n, subject := range people {
		events, err := p.Store.ConsentEvents(ctx, subject)
		if err != nil {
			return nil, err
		}
		raised, err := p.Store.FlagEvents(ctx, subject)
		if err != nil {
			return nil, err
		}
		flags := rights.FlagsOf(raised)
		for i, standing := range rights.Standings(asked, events, p.Now()) {
			v := asked[i].Judge(standing, flags, p.Now())
			if n > 0 {
				v = rights.Strictest(out[i], v)
			}
			out[i] = v
		}
	}
	return out, nil
}

// askedFor are the purposes of those keys, or all.
func (p *Portal) askedFor(keys []string) ([]rights.Purpose, error) {
	if len(keys) == 0 {
		return p.Purposes, nil
	}
	if len(keys) > maxPurposes {
		return nil, rights.Fault("purposes", "api.error.many", map[string]any{"Max": maxPurposes})
	}
	out := make([]rights.Purpose, len(keys))
	for i, key := range keys {
		at := slices.IndexFunc(p.Purposes, func(known rights.Purpose) bool { return known.Key == key })
		if at < 0 {
			return nil, rights.Fault("purposes", "api.error.purpose", map[string]any{"Purpose": key})
		}
		out[i] = p.Purposes[at]
	}
	return out, nil
}

// meant are the people whom a program may mean, each once: those who are shown as one are one.
func (p *Portal) meant(ctx context.Context, who Whom) ([]string, error) {
	switch {
	case (who.Email == "") == (who.Number == ""):
		return nil, rights.Fault("email", "api.error.who", nil)
	case who.Email != "":
		address, err := mail.Canonical(who.Email)
		if err != nil {
			return nil, rights.Fault("email", "api.error.email", nil)
		}
		return p.Store.HeadsByMailbox(ctx, address)
	}
	number := sources.Number(strings.TrimSpace(who.Number))
	if number == "" {
		return nil, rights.Fault("customer_number", "api.error.number", nil)
	}
	return p.Store.HeadsByMark(ctx, "number "+number)
}
