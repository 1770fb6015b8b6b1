package sources

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Channels returns the addresses, other than the confirmed one, that stand in the person's own rows in lists of people,
// as they are stored: who took over the one mailbox has not these. An address that was typed into an order is none, nor
// is one about somebody else.
//
// Trouble with sources is an error that joins a *SourceError for each; the addresses of the others are returned with it.
func (s *Set) Channels(ctx context.Context, p Person) ([]string, error) {
	var out []string
	var errs []error
	own := addressForms(p.email)
	for _, c := range s.plan.people {
		rows, fields := p.in(c), addressFields(c)
		if len(rows) == 0 || len(fields) == 0 {
			continue
		}
		columns := columnsOf(fields)
		q := query{from: c, fields: columns, where: keyed{c.Key, rows}, order: true}
		err := s.rows(ctx, q, func(values []any) error {
			for _, f := range fields {
				for _, v := range valuesOf(f, normal(values[slices.Index(columns, f.column())])) {
					address := strings.TrimSpace(text(v))
					if strings.Contains(address, "@") && !slices.Contains(own, any(lowerASCII(address))) && !slices.Contains(out, address) {
						out = append(out, address)
					}
				}
			}
			return nil
		})
		var t *SourceError
		if err != nil && !errors.As(err, &t) {
			return nil, err
		}
		errs = append(errs, err)
	}
	slices.Sort(out)
	return out, errors.Join(errs...)
}

// addressFields returns the fields of c that hold addresses of whom the row is about.
func addressFields(c *Collection) []*Field {
	var out []*Field
	walk(c.Fields, func(f *Field) {
		if (f.Identity == emailIdentity || slices.Contains(f.Categories, "user.contact.email")) && !f.hidden() && len(f.Fields) == 0 {
			out = append(out, f)
		}
	})
	return out
}

// columnsOf returns the columns that hold the fields, each once.
func columnsOf(fields []*Field) []*Field {
	var out []*Field
	for _, f := range fields {
		if !slices.Contains(out, f.column()) {
			out = append(out, f.column())
		}
	}
	return out
}
