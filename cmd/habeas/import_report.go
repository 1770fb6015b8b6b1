package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"habeas/sources"
)

// faultReport is a CSV file of the rows that cannot be imported, made when the first one is. It holds no value of a row.
type faultReport struct {
	file string
	f    *os.File
	w    *csv.Writer
	n    int
}

// maxFaults is after how many a file is not worth reading on.
const maxFaults = 10_000

func (r *faultReport) add(fault sources.RowFault) error {
	if r.f == nil {
		var err error
		if r.f, err = os.OpenFile(r.file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
			return fmt.Errorf("the report cannot be written (%w): name another file with --report", cause(err))
		}
		r.w = csv.NewWriter(r.f)
		r.w.UseCRLF = true                                   // RFC 4180
		if _, err := r.f.WriteString("\ufeff"); err != nil { // for Excel, which takes UTF-8 for something else without
			return fmt.Errorf("write the report: %w", cause(err))
		}
		if err := r.w.Write([]string{"row", "column", "what", "why"}); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if r.n++; r.n > maxFaults {
		return fmt.Errorf("more than %d rows cannot be imported, so nothing was: see %s; is it the right file?", maxFaults, r.file)
	}
	column := fault.Column
	if column != "" && strings.ContainsRune("=+-@\t\r", rune(column[0])) {
		column = "'" + column // no spreadsheet takes it for a formula
	}
	if err := r.w.Write([]string{strconv.Itoa(fault.Row), column, fault.What, fault.Why}); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (r *faultReport) close() error {
	if r.f == nil {
		return nil
	}
	r.w.Flush()
	return errors.Join(r.w.Error(), r.f.Close())
}

// progress is a bar on a terminal, and a line now and then elsewhere.
type progress struct {
	out      io.Writer
	terminal bool
	every    time.Duration
	last     time.Time
	shown    bool
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, every: 10 * time.Second, last: time.Now()}
	if f, ok := out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.terminal, p.every = true, 100*time.Millisecond
		}
	}
	return p
}

// barWidth is how many signs make the bar.
const barWidth = 30

func (p *progress) show(rows int, part float64) {
	if time.Since(p.last) < p.every {
		return
	}
	p.last, p.shown = time.Now(), true
	if !p.terminal {
		fmt.Fprintf(p.out, "%3.0f %%  %d rows\n", 100*part, rows)
		return
	}
	full := int(part * barWidth)
	fmt.Fprintf(p.out, "\r[%s%s] %3.0f %%  %d rows ", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), 100*part, rows)
}

// end clears the bar.
func (p *progress) end() {
	if p.terminal && p.shown {
		fmt.Fprint(p.out, "\r"+strings.Repeat(" ", barWidth+30)+"\r")
	}
}
