package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"habeas/sources"
)

// checkCmd looks for everything that would keep the portal from answering.
type checkCmd struct{}

// errFaults ends a check whose faults are printed already.
var errFaults = errors.New("the check found faults: correct them and run it again")

// Run prints what is fine to out; faults come back as errors.
func (checkCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	c, err := g.load()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "ok  configuration: %s, %d purposes\n", c.BaseURL, len(c.Purposes))
	if !strings.HasPrefix(c.MailURL, "spool:") { // opening a spool would make its directory
		sender, err := (&house{config: c}).openMail()
		if err != nil {
			return err
		}
		if err := sender.Close(); err != nil {
			return err
		}
		fmt.Fprintln(out, "ok  mail: the address of the server and its password are set")
	}
	set, err := sources.Open(ctx, c.Sources, sources.Options{})
	if err != nil {
		return err
	}
	faults := sources.Faults(set.Check(ctx))
	if err := set.Close(); err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(out, f)
	}
	if len(faults.Errors()) > 0 {
		return errFaults
	}
	for _, key := range set.Sources() {
		n := 0
		for _, collection := range set.Collections() {
			if collection.Source() == key {
				n++
			}
		}
		if set.Manual(key) {
			fmt.Fprintf(out, "ok  source %s: by hand, %d collections, looked after by %s\n", key, n, set.Team(key).In(c.Languages[0]))
			continue
		}
		fmt.Fprintf(out, "ok  source %s: reached, %d collections fit their map\n", key, n)
	}
	return nil
}
