package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habeas/sources/sample"
)

func TestADraftOfAMapIsOneThatCheckAccepts(t *testing.T) {
	file := writeConfig(t, strings.Replace(goodConfig, "smtp://mail.example.com:587", "spool:", 1))
	dir := filepath.Dir(file)
	if err := sample.Make(t.Context(), filepath.Join(dir, "shop.db"), "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, 姓名 TEXT)",
		[]sample.Table{{Name: "customers", Rows: [][]any{{1, "ada@example.com", "Ada"}}}}); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	for _, row := range []struct {
		why  string
		args []string
		code int
		out  string
		errs string
	}{
		{"a source that is configured, before it has a map", []string{"map", "draft", "shop"}, 0, "data_categories: [user.name] # a guess", ""},
		{"one that is not", []string{"map", "draft", "shp"}, 2, "", `the configuration has no source "shp": write one of shop`},
		{"none", []string{"map", "draft"}, 2, "", "expected"},
	} {
		out.Reset()
		errs.Reset()
		if code := run(append(row.args, "--config", file), &out, &errs); code != row.code || !strings.Contains(out.String(), row.out) || !strings.Contains(errs.String(), row.errs) {
			t.Errorf("%s: exit %d\n%s%s", row.why, code, out.String(), errs.String())
		}
		if strings.Contains(out.String()+errs.String(), "Ada") {
			t.Errorf("%s: a value of a record came out", row.why)
		}
		if row.code == 0 {
			if err := os.WriteFile(filepath.Join(dir, "shop.yml"), out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	out.Reset()
	if code := run([]string{"check", "--config", file}, &out, &errs); code != 0 || !strings.Contains(out.String(), "ok  source shop") {
		t.Errorf("check: exit %d\n%s%s", code, out.String(), errs.String())
	}
}
