package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"habeas/rights"
)

// ConsentNumber is how often a choice about a purpose was made on one day.
type ConsentNumber struct {
	Day     rights.Date
	Purpose string
	Choice  rights.Choice
	N       int
}

// CameIn returns how many requests of each kind came in from one day to another, both included. Their days are summed up
// and zero.
func (r reads) CameIn(ctx context.Context, from, to rights.Date) ([]rights.CameIn, error) {
	return r.cameIn(ctx, `SELECT '', routine, "right", regime, channel, SUM(n) FROM received_numbers
		WHERE day >= $1 AND day <= $2 GROUP BY routine, "right", regime, channel HAVING SUM(n) > 0`, from, to)
}

// answeredByPeople leaves out what the portal answers by itself at once: viewings, and choices about consent.
const answeredByPeople = ` AND routine = 0 AND "right" <> 'consent'`

// CameInByDay returns how many requests came in on each day on which some did, of those that people answer.
func (r reads) CameInByDay(ctx context.Context, from, to rights.Date) ([]rights.CameIn, error) {
	return r.cameIn(ctx, `SELECT day, 0, '', '', '', SUM(n) FROM received_numbers
		WHERE day >= $1 AND day <= $2`+answeredByPeople+` GROUP BY day HAVING SUM(n) > 0 ORDER BY day`, from, to)
}

func (r reads) cameIn(ctx context.Context, query string, from, to rights.Date) ([]rights.CameIn, error) {
	rows, err := r.from.query(ctx, query, from.String(), to.String())
	found, err := all(rows, err, func(row scanner) (c rights.CameIn, err error) {
		var day string
		if err := row.Scan(&day, &c.Routine, &c.Right, &c.Regime, &c.Channel, &c.N); err != nil {
			return c, err
		}
		return c, c.Day.UnmarshalText([]byte(day))
	})
	if err != nil {
		return nil, fmt.Errorf("read how many requests came in: %w", err)
	}
	return found, nil
}

// Answered returns how many requests of each kind were closed from one day to another, both included. Their days are
// summed up and zero.
func (r reads) Answered(ctx context.Context, from, to rights.Date) ([]rights.Answered, error) {
	return r.answered(ctx, `SELECT '', routine, "right", regime, channel, state, ground, late, days, '0', SUM(n) FROM answered_numbers
		WHERE day >= $1 AND day <= $2 GROUP BY routine, "right", regime, channel, state, ground, late, days HAVING SUM(n) > 0`, from, to)
}

// AnsweredByDay returns how many requests were answered on each day, in time and late, of those that people answer.
func (r reads) AnsweredByDay(ctx context.Context, from, to rights.Date) ([]rights.Answered, error) {
	return r.answered(ctx, `SELECT day, 0, '', '', '', '', '', late, 0, '0', SUM(n) FROM answered_numbers
		WHERE day >= $1 AND day <= $2 AND state <> 'cancelled'`+answeredByPeople+` GROUP BY day, late HAVING SUM(n) > 0 ORDER BY day`, from, to)
}

// AnsweredOfYear returns how many requests of each kind that came in in a year were closed up to a day.
func (r reads) AnsweredOfYear(ctx context.Context, year int, last rights.Date) ([]rights.Answered, error) {
	first := rights.NewDate(year, time.January, 1)
	return r.answered(ctx, `SELECT '', routine, "right", regime, channel, state, ground, late, days, came, SUM(n) FROM answered_numbers
		WHERE day >= $1 AND day <= $2 AND came = $3 GROUP BY routine, "right", regime, channel, state, ground, late, days HAVING SUM(n) > 0`,
		first, last, strconv.Itoa(year))
}

func (r reads) answered(ctx context.Context, query string, from, to rights.Date, more ...any) ([]rights.Answered, error) {
	rows, err := r.from.query(ctx, query, append([]any{from.String(), to.String()}, more...)...)
	found, err := all(rows, err, func(row scanner) (a rights.Answered, err error) {
		var day, came string
		if err := row.Scan(&day, &a.Routine, &a.Right, &a.Regime, &a.Channel, &a.State, &a.Ground, &a.Late, &a.Days, &came, &a.N); err != nil {
			return a, err
		}
		if a.Came, err = strconv.Atoi(came); err != nil {
			return a, err
		}
		return a, a.Day.UnmarshalText([]byte(day))
	})
	if err != nil {
		return nil, fmt.Errorf("read how many requests were answered: %w", err)
	}
	return found, nil
}

// ConsentNumbers returns how often each choice was made on each day on which it was.
func (r reads) ConsentNumbers(ctx context.Context, from, to rights.Date) ([]ConsentNumber, error) {
	rows, err := r.from.query(ctx, "SELECT day, purpose, choice, n FROM consent_numbers WHERE day >= $1 AND day <= $2 ORDER BY day, purpose, choice",
		from.String(), to.String())
	found, err := all(rows, err, func(row scanner) (c ConsentNumber, err error) {
		var day string
		if err := row.Scan(&day, &c.Purpose, &c.Choice, &c.N); err != nil {
			return c, err
		}
		return c, c.Day.UnmarshalText([]byte(day))
	})
	if err != nil {
		return nil, fmt.Errorf("read how often people chose: %w", err)
	}
	return found, nil
}

// LettersNotSent returns how many letters that failed since then wait for another try, and how many were given up.
func (r reads) LettersNotSent(ctx context.Context, since time.Time) (delayed, parked int, err error) {
	err = r.from.row(ctx, `SELECT COUNT(CASE WHEN state <> 'parked' THEN 1 END), COUNT(CASE WHEN state = 'parked' THEN 1 END) FROM letters
		WHERE failed_at > 0 AND state <> 'sent' AND failed_at >= $1`, millis(since)).Scan(&delayed, &parked)
	if err != nil {
		return 0, 0, fmt.Errorf("count the letters that did not leave: %w", translate(err))
	}
	return delayed, parked, nil
}

// OpenTasks returns how many tasks of open requests wait in each source.
func (r reads) OpenTasks(ctx context.Context) (map[string]int, error) {
	rows, err := r.from.query(ctx, `SELECT t.source, COUNT(*) FROM tasks t
		WHERE t.state = 'open' AND t.source > '' AND EXISTS (SELECT 1 FROM requests r WHERE r.id = t.request_id AND r.is_open = 1)
		GROUP BY t.source`)
	type count struct {
		source string
		n      int
	}
	found, err := all(rows, err, func(row scanner) (c count, err error) {
		err = row.Scan(&c.source, &c.n)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("count the open tasks: %w", err)
	}
	out := map[string]int{}
	for _, c := range found {
		out[c.source] = c.n
	}
	return out, nil
}
