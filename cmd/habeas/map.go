package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"habeas/sources"
)

// mapCmd is what can be done about data maps.
type mapCmd struct {
	Draft mapDraftCmd `cmd:"" help:"Read the schema of a source and print a data map to begin with."`
}

// mapDraftCmd prints a draft of the data map of one source. The map that the configuration names need not be there yet.
type mapDraftCmd struct {
	Source string `arg:"" help:"Key of the source in the configuration."`
}

// Run writes the draft to out, and nothing if there is none.
func (m *mapDraftCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	c, err := g.load()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.Sources, func(s sources.Config) bool { return s.Key == m.Source })
	if i < 0 {
		var keys []string
		for _, s := range c.Sources {
			keys = append(keys, s.Key)
		}
		return usageError{fmt.Sprintf("the configuration has no source %q: write one of %s", m.Source, strings.Join(keys, ", "))}
	}
	text, err := sources.Draft(ctx, c.Sources[i], sources.Options{})
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
