// Command habeas is the portal: it reads the configuration, opens everything, serves, and keeps house. What the portal
// does is decided in workflow; here it is only put together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"

	"habeas/sheet"
	"habeas/sources"
)

// version is set by the build.
var version = "devel"

// cli is every command. Each flag is also read from HABEAS_ and its name; secrets are read from the environment only,
// or from the file that their _FILE form names.
type cli struct {
	globals

	Serve    serveCmd    `cmd:"" help:"Run the portal. Migrates its database on start."`
	Check    checkCmd    `cmd:"" help:"Check the configuration, the data maps and every source."`
	Map      mapCmd      `cmd:"" help:"Draft a data map from the schema of a source."`
	Import   importCmd   `cmd:"" help:"Bring an export of a system that cannot be asked into its snapshot."`
	Staff    staffCmd    `cmd:"" help:"Invite, list and disable the privacy team."`
	Deadline deadlineCmd `cmd:"" help:"Print every date that a law sets for a request or a breach."`
	Backup   backupCmd   `cmd:"" help:"Write a consistent copy of the database and one of the keys in it, also while the portal runs."`
	Restore  restoreCmd  `cmd:"" help:"Make a data directory from a backup, the newest keys and the key file."`
	Audit    auditCmd    `cmd:"" help:"Verify the audit log."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// globals are the flags of every command.
type globals struct {
	Config  string `help:"Configuration file; habeas.yaml in the working directory without it." placeholder:"FILE"`
	Data    string `help:"Data directory; ./data without it, ./data/demo for the demo." placeholder:"DIR"`
	KeyFile string `help:"Key file; habeas.key in the data directory without it." placeholder:"FILE"`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run carries out one command line and returns its exit code: 0 fine, 1 failed, 2 wrong use.
func run(args []string, out, errs io.Writer) int {
	var c cli
	parser, err := kong.New(&c,
		kong.Name("habeas"), kong.Description("Habeas, a self-service privacy portal. `habeas serve --demo` shows it."),
		kong.DefaultEnvars("HABEAS"), kong.Writers(out, errs), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Vars{"version": "habeas " + version + " " + runtime.Version(), "presets": strings.Join(sheet.PresetNames(), ", ")},
		kong.BindTo(out, (*io.Writer)(nil)), kong.BindTo(context.Background(), (*context.Context)(nil)), kong.Bind(&c.globals),
	)
	if err != nil {
		return report(errs, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return report(errs, usageError{err.Error() + ": run habeas --help"})
	}
	return report(errs, command.Run())
}

// report writes an error as one line, or the faults of a file as one line each, and returns the exit code.
func report(errs io.Writer, err error) int {
	var faults sources.Faults
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &faults):
		for _, f := range faults.Errors() {
			fmt.Fprintln(errs, f)
		}
		return 1
	}
	fmt.Fprintln(errs, "habeas: "+strings.ReplaceAll(err.Error(), "\n", "; "))
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// dir is the data directory.
func (g *globals) dir() string {
	if g.Data != "" {
		return g.Data
	}
	return "data"
}

// configName is where the configuration is looked for when none is named.
const configName = "habeas.yaml"

// load reads the configuration file, where it was named or where it is looked for.
func (g *globals) load() (config, error) {
	file := g.Config
	if file == "" {
		file = configName
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			return config{}, errors.New("there is no habeas.yaml here: name the configuration with --config FILE, or try habeas serve --demo")
		}
	}
	c, err := loadConfig(file)
	g.placeSnapshots(&c)
	return c, err
}

// configured reads the configuration for a command that can do without one.
func (g *globals) configured() (config, error) {
	if g.Config == "" {
		if _, err := os.Stat(configName); errors.Is(err, os.ErrNotExist) {
			return config{}, nil
		}
	}
	return g.load()
}

// secret reads what must not stand in a command line: from the environment, or from the file named there.
func secret(name string) (string, error) {
	value, file := os.Getenv(name), os.Getenv(name+"_FILE")
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", fmt.Errorf("%s and %s_FILE are both set: unset one", name, name)
	}
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return "", fmt.Errorf("%s_FILE cannot be read (%w): check the path", name, cause(err))
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
