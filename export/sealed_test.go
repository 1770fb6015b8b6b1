package export_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"habeas/export"
)

// pathOf resolves a link of a page to the file of the package that it names.
func pathOf(page, target string) (string, error) {
	target, err := url.PathUnescape(target)
	return path.Join(path.Dir(page), target), err
}

// sealed writes a file of the given size and returns its path and key.
func sealed(t *testing.T, body []byte) (path, key string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "packages", "p.zip.age")
	file, key, err := export.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file stands at its path before it is finished")
	}
	if _, err := file.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path, key
}

func readAll(path, key string) ([]byte, error) {
	r, err := export.Open(path, key)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	return body, errors.Join(err, r.Close())
}

func TestASealedFileOpensWithItsKeyOnly(t *testing.T) {
	body := bytes.Repeat([]byte("personal "), 40_000) // several chunks of age
	path, key := sealed(t, body)
	if got, err := readAll(path, key); err != nil || !bytes.Equal(got, body) {
		t.Fatalf("read %d of %d bytes: %v", len(got), len(body), err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s is %v, want %v (%v)", name, info.Mode().Perm(), want, err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("personal")) {
		t.Error("the file is not sealed")
	}
	_, other := sealed(t, body)
	if _, err := readAll(path, other); err == nil {
		t.Error("the key of another package opens it")
	}
	if _, err := readAll(path, ""); err == nil {
		t.Error("a forgotten key opens it")
	} else if _, err := readAll(path, strings.ToLower(key)); err != nil && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(key)) {
		t.Error("the error quotes the key")
	}
}

func TestAChangedOrShortenedFileIsAnErrorAndNeverAnEarlyEnd(t *testing.T) {
	body := bytes.Repeat([]byte("personal "), 20_000)
	path, key := sealed(t, body)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string][]byte{
		"the last byte gone":  whole[:len(whole)-1],
		"the last chunk gone": whole[:len(whole)-len(body)%(64<<10)-16],
		"half gone":           whole[:len(whole)/2],
		"a byte more":         append(bytes.Clone(whole), 0),
		"empty":               {},
	}
	for at := 0; at < len(whole); at += 4999 {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1
		damages[fmt.Sprintf("byte %d flipped", at)] = flipped
	}
	for what, bad := range damages {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readAll(path, key); err == nil {
			t.Errorf("%s: read %d bytes without an error", what, len(got))
		}
	}
}

func TestWhatACrashLeftIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.age")
	if err := os.WriteFile(path+".part", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, key, err := export.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if body, err := readAll(path, key); err != nil || len(body) != 0 {
		t.Errorf("read %q: %v", body, err)
	}
}
