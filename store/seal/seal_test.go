package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"habeas/store/seal"
)

func newKeyring(t testing.TB) (master []byte, sealed map[string][]byte, k *seal.Keyring) {
	t.Helper()
	master, err := seal.NewMaster()
	if err == nil {
		sealed, err = seal.Make(master, rand.Reader, "test")
	}
	if err == nil {
		k, err = seal.Open(master, sealed)
	}
	if err != nil {
		t.Fatal(err)
	}
	return master, sealed, k
}

func TestAValueOpensInItsOwnPlaceOnly(t *testing.T) {
	_, _, k := newKeyring(t)
	sealed, err := k.Portal.Seal([]byte("ana"), "staff", "name", "1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name               string
		box                seal.Box
		table, column, row string
		opens              bool
	}{
		{"its own", k.Portal, "staff", "name", "1", true},
		{"another row", k.Portal, "staff", "name", "2", false},
		{"another column", k.Portal, "staff", "email", "1", false},
		{"another table", k.Portal, "subjects", "name", "1", false},
		{"names that join to the same text", k.Portal, "staf", "fname", "1", false},
		{"another key", k.Letters, "staff", "name", "1", false},
	} {
		got, err := c.box.Open(sealed, c.table, c.column, c.row)
		if c.opens && (err != nil || string(got) != "ana") || !c.opens && !errors.Is(err, seal.ErrRefused) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	again, err := k.Portal.Seal([]byte("ana"), "staff", "name", "1")
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("the same value was sealed to the same bytes, %v", err)
	}
}

func TestASubjectKeyBelongsToItsSubject(t *testing.T) {
	_, _, k := newKeyring(t)
	wrapped, err := k.NewSubjectKey("ana", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	box, err := k.Subject("ana", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := box.Seal([]byte("value"), "t", "c", "r")
	if err != nil {
		t.Fatal(err)
	}
	same, err := k.Subject("ana", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := same.Open(sealed, "t", "c", "r"); err != nil || string(got) != "value" {
		t.Errorf("unwrapped again: %q, %v", got, err)
	}
	if _, err := k.Subject("ben", wrapped); !errors.Is(err, seal.ErrRefused) {
		t.Errorf("ben unwrapped ana's key: %v", err)
	}
}

func TestAKeyringOpensWithItsOwnKeyFileOnly(t *testing.T) {
	_, sealed, _ := newKeyring(t)
	other, _, _ := newKeyring(t)
	if _, err := seal.Open(other, sealed); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("got %v", err)
	}
}

func TestTheSecretsOfAKeyringCannotBeSwapped(t *testing.T) {
	master, sealed, _ := newKeyring(t)
	sealed["portal"], sealed["letters"] = sealed["letters"], sealed["portal"]
	if _, err := seal.Open(master, sealed); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("got %v", err)
	}
}

func TestEachIndexHasItsOwnKey(t *testing.T) {
	_, _, k := newKeyring(t)
	seen := map[string]seal.Index{}
	for _, index := range []seal.Index{seal.Mailboxes, seal.Emails, seal.Limits, seal.Tokens, seal.Heads} {
		h := string(k.Hash(index, "ana@example.com"))
		if len(h) != 32 || h != string(k.Hash(index, "ana@example.com")) {
			t.Errorf("%s: not one hash of 32 bytes", index)
		}
		if other, had := seen[h]; had {
			t.Errorf("%s hashes like %s", index, other)
		}
		seen[h] = index
	}
}

func BenchmarkUnwrapAndOpen(b *testing.B) {
	_, _, k := newKeyring(b)
	wrapped, err := k.NewSubjectKey("ana", rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	box, err := k.Subject("ana", wrapped)
	if err != nil {
		b.Fatal(err)
	}
	sealed, err := box.Seal([]byte("ana@example.com"), "subjects", "mailbox", "ana")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		box, err := k.Subject("ana", wrapped)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := box.Open(sealed, "subjects", "mailbox", "ana"); err != nil {
			b.Fatal(err)
		}
	}
}
