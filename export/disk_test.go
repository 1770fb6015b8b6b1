package export_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"habeas/export"
	"habeas/sources"
	"habeas/sources/sample"
)

func TestOnlyTheSealedPackageIsEverOnTheDisk(t *testing.T) {
	dir := t.TempDir()
	set := shop(t, sources.Options{}, customers(), noise(1200))
	path := filepath.Join(dir, "p.age")
	file, key, err := export.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	in := input(t, set, addressA)
	in.Progress = func(int, int) error {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 || entries[0].Name() != "p.age.part" {
			t.Errorf("beside the package lie %v: %v", entries, err)
		}
		return nil
	}
	result, err := export.Build(t.Context(), file, in)
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	if result.Bytes < 6<<20 {
		t.Errorf("%d bytes fit into memory, so the test shows nothing", result.Bytes)
	}
	r, err := export.Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	a := unpack(t, result, raw.Bytes())
	if sum := sha256.Sum256(a.raw); hex.EncodeToString(sum[:]) != result.SHA256 {
		t.Error("what was sealed is not what was built")
	}
	var rows []json.RawMessage
	a.read(t, "data/shop/orders.json", &rows)
	if len(rows) != 1200 {
		t.Errorf("%d of 1,200 records came through", len(rows))
	}
}

// noise is orders that hardly compress.
func noise(n int) sample.Table {
	chance := rand.NewChaCha8([32]byte{7})
	table := many(n)
	for _, row := range table.Rows {
		secret := make([]byte, 6000)
		_, _ = chance.Read(secret) // never fails
		row[4] = base64.StdEncoding.EncodeToString(secret)
	}
	return table
}

func TestADiskThatCannotBeWrittenEndsTheBuild(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "packages")
	file, _, err := export.Create(filepath.Join(dir, "p.age"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil { // nowhere to overflow to
		t.Fatal(err)
	}
	in := input(t, shop(t, sources.Options{}, customers(), noise(3000)), addressA)
	most := 0
	in.Progress = func(done, _ int) error {
		most = done
		return nil
	}
	if _, err := export.Build(t.Context(), file, in); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the build ended with %v", err)
	}
	if most >= 3000 {
		t.Error("the scan went on to its end for nothing")
	}
	if err := file.Close(); err == nil {
		t.Error("half a package closed as a whole one")
	}
}
