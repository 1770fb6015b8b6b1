package handlers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"habeas/locale"
)

// The kinds of step that the portal takes are found in its source: a new one needs words on the day it is made.
func TestEveryStepOfTheHistoryHasItsWords(t *testing.T) {
	files, err := filepath.Glob("../workflow/*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files of workflow: %v", len(files), err)
	}
	at := map[string]int{"event": 2, "move": 4, "keepPrivate": 3} // which argument is the kind
	kinds := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			named, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			i, ok := at[named.Sel.Name]
			if !ok || i >= len(call.Args) {
				return true
			}
			if word, ok := call.Args[i].(*ast.BasicLit); ok && word.Kind == token.STRING {
				kinds[strings.Trim(word.Value, `"`)] = true
			}
			return true
		})
	}
	// What is not written out where the step is taken.
	for _, kind := range []string{"package_ready", "package_incomplete", "task_done", "task_skipped", "task_reopened", "duplicate", "distinct", "unassigned", "cancelled", "stopped"} {
		kinds[kind] = true
	}
	if len(kinds) < 20 {
		t.Fatalf("only %d kinds of step found: %v", len(kinds), kinds)
	}
	for kind := range kinds {
		for _, lang := range locale.Languages {
			if !locale.Has(lang, "trail."+kind) {
				t.Errorf("the step %q has no words in %s: add trail.%s", kind, lang, kind)
			}
		}
	}
}
