// Package habeas holds the tests of the whole: what may import what, and what every file must keep to.
package habeas

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists, for every package, which of our own it may import. What is not listed is not allowed. Files are read
// with go/parser: a test that asks `go list` can be served a stale cached pass.
var mayImport = map[string][]string{
	"rights":              {},
	"locale":              {},
	"static":              {},
	"migrations":          {},
	"store/seal":          {},
	"sources":             {"rights"},
	"sheet":               {}, // tables in files: what is in them is nobody's yet
	"views":               {"locale", "static"},
	"mail":                {"rights", "locale"},
	"export":              {"rights", "sources", "locale"},
	"proof":               {"rights", "locale"},
	"store":               {"rights", "migrations", "store/seal"},
	"workflow":            {"rights", "sources", "export", "proof", "mail", "store"},
	"handlers":            {"rights", "locale", "static", "views", "workflow"},
	"cmd/habeas":          {"rights", "locale", "sheet", "sources", "proof", "mail", "store", "workflow", "handlers", "cmd/habeas/demo"},
	"cmd/habeas/demo":     {"rights", "sources", "sources/sample", "mail", "store", "workflow"},
	"sources/sample":      {}, // databases of made-up records, for the demo and for tests
	"store/storetest":     {"store"},
	"sources/sourcestest": {}, // database servers for tests
}

// onlyIn lists packages of others that have one home: everybody else goes through it.
var onlyIn = map[string][]string{
	"database/sql":                      {"store", "sources", "sources/sample", "sources/sourcestest", "cmd/habeas/demo"},
	"modernc.org/sqlite":                {"store", "sources", "sources/sample", "sources/sourcestest", "cmd/habeas/demo"},
	"github.com/labstack/echo/v4":       {"handlers"},
	"github.com/wneessen/go-mail":       {"mail"},
	"github.com/tink-crypto/tink-go/v2": {"store/seal"},
	"filippo.io/age":                    {"export"},
	"github.com/a-h/templ":              {"views", "mail", "handlers"},
	"github.com/nicksnyder/go-i18n/v2":  {"locale"},
	"golang.org/x/mod":                  {"store", "store/seal", "proof"},
}

type file struct {
	path, dir string
	test      bool
	ast       *ast.File
	fset      *token.FileSet
}

func goFiles(t *testing.T) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata" || d.Name() == "data" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, file{path, filepath.ToSlash(filepath.Dir(path)), strings.HasSuffix(path, "_test.go"), parsed, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files found: run the test from the top of the repository", len(files))
	}
	return files
}

func (f file) imports(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, spec := range f.ast.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

func TestEveryPackageImportsOnlyWhatItMay(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir == "." {
			continue
		}
		allowed, known := mayImport[f.dir]
		if !known {
			t.Errorf("%s: package %s has no line in mayImport: say what it may know", f.path, f.dir)
			continue
		}
		for _, path := range f.imports(t) {
			if ours, ok := strings.CutPrefix(path, "habeas/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which %s must not know", f.path, path, f.dir)
			}
			for home, dirs := range onlyIn {
				if (path == home || strings.HasPrefix(path, home+"/")) && !slices.Contains(dirs, f.dir) {
					t.Errorf("%s imports %s, which lives in %v only", f.path, path, dirs)
				}
			}
		}
	}
}

// clocked are the packages whose time comes in as a value: tests move the clock, and nothing sleeps.
var clocked = []string{"rights", "workflow", "store", "store/seal", "handlers", "sources", "sheet", "export", "proof", "mail", "views", "locale"}

// ownClock are the files that may ask the machine: the default of an injected clock, and bounds on a network call.
var ownClock = map[string]string{
	"mail/smtp.go":         "deadlines of a socket, which are the machine's",
	"sources/sqlsystem.go": "how long a statement may run on a server: what is left of the caller's deadline, which is the machine's",
}

func TestTimeComesInAsAValue(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || !slices.Contains(clocked, f.dir) || ownClock[f.path] != "" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Sleep", "Since", "Until"}, call.Sel.Name) {
				t.Errorf("%s: time.%s: take the time as a value", f.fset.Position(n.Pos()), call.Sel.Name)
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, f := range goFiles(t) {
		if !f.test && f.ast.Doc != nil {
			said[f.dir] = true
		}
	}
	for dir := range mayImport {
		if !said[dir] {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

func TestEveryExportedNameHasASentence(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || strings.HasSuffix(f.path, "_templ.go") || f.dir == "cmd/habeas" {
			continue
		}
		for _, decl := range f.ast.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && !onUnexported(d) && !wellKnown[d.Name.Name] {
					t.Errorf("%s: %s has no comment", f.fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil && len(d.Specs) == 1 {
						t.Errorf("%s: %s has no comment", f.fset.Position(s.Pos()), s.Name.Name)
					}
				}
			}
		}
	}
}

// wellKnown are methods whose interface says what they do.
var wellKnown = map[string]bool{"Error": true, "String": true, "Is": true, "As": true, "Unwrap": true}

func onUnexported(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return false
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && !id.IsExported()
}

func TestNoTemplateHasInlineStyleOrScript(t *testing.T) {
	templates, err := filepath.Glob("views/*.templ")
	if err != nil || len(templates) == 0 {
		t.Fatalf("no templates found: %v", err)
	}
	for _, path := range templates {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, banned := range []string{" style=", "<style", "<script>", " onclick=", " onchange=", " onsubmit=", "javascript:"} {
			if strings.Contains(string(text), banned) {
				t.Errorf("%s contains %q, which the Content-Security-Policy forbids", path, banned)
			}
		}
	}
}

func TestEveryModuleHasItsLicenceListed(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := os.ReadFile("docs/licences.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(mod)) {
		words := strings.Fields(line)
		if len(words) < 2 || !strings.HasPrefix(words[1], "v") || !strings.Contains(words[0], ".") {
			continue
		}
		found++
		if !strings.Contains(string(listed), "| "+words[0]+" | ") {
			t.Errorf("docs/licences.md has no line for %s: add its licence", words[0])
		}
	}
	if found < 20 {
		t.Fatalf("only %d modules read from go.mod", found)
	}
}
