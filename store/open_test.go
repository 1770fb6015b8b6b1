package store_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habeas/store"
)

func TestOpenRefusesWhatItCannotDoSafely(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		say   string
	}{
		{"a key file that others can read", func(t *testing.T, dir string) {
			check(t, os.Chmod(filepath.Join(dir, "habeas.key"), 0o644))
		}, "chmod 600"},
		{"a key file that is lost: no new one is made", func(t *testing.T, dir string) {
			check(t, os.Remove(filepath.Join(dir, "habeas.key")))
		}, "put it back"},
		{"the key of another database", func(t *testing.T, dir string) {
			other := t.TempDir()
			s, err := store.Open(bg, store.Options{Dir: other, Now: clock})
			check(t, err)
			check(t, s.Close())
			key, err := os.ReadFile(filepath.Join(other, "habeas.key"))
			check(t, err)
			check(t, os.WriteFile(filepath.Join(dir, "habeas.key"), key, 0o600))
		}, "is not the one of this database"},
		{"a key file with something else in it", func(t *testing.T, dir string) {
			check(t, os.WriteFile(filepath.Join(dir, "habeas.key"), []byte("secret"), 0o600))
		}, "is not a Habeas key"},
		{"a file of keys that is lost", func(t *testing.T, dir string) {
			check(t, os.Remove(filepath.Join(dir, "keys.db")))
		}, "put it back; habeas backup writes it beside the backup"},
		{"a file of keys that is empty", func(t *testing.T, dir string) {
			check(t, os.WriteFile(filepath.Join(dir, "keys.db"), nil, 0o600))
		}, "put back the one that habeas wrote"},
		{"a database of a newer version", func(t *testing.T, dir string) {
			_, err := raw(t, dir).Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
			check(t, err)
		}, "start the newer habeas"},
		{"a file that is no database", func(t *testing.T, dir string) {
			check(t, os.WriteFile(filepath.Join(dir, "habeas.db"), []byte(strings.Repeat("not a database ", 1000)), 0o600))
			check(t, os.Remove(filepath.Join(dir, "habeas.db-wal")))
		}, "not a database"},
		{"a keyring that lacks a key", func(t *testing.T, dir string) {
			_, err := raw(t, dir).Exec("DELETE FROM keyring WHERE name = 'portal'")
			check(t, err)
		}, "lacks portal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
			check(t, err)
			check(t, s.Close())
			c.spoil(t, dir)
			s, err = store.Open(bg, store.Options{Dir: dir, Now: clock})
			if err == nil {
				check(t, s.Close())
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q does not say %q in one line", err, c.say)
			}
			if _, err := os.Stat(filepath.Join(dir, "habeas.key")); c.say == "put it back" && err == nil {
				t.Error("a new key was made")
			}
		})
	}
}

func TestASecondProcessOnTheDirectoryIsRefusedUntilTheFirstHasClosed(t *testing.T) {
	dir := t.TempDir()
	first, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	if _, err := store.Open(bg, store.Options{Dir: dir, Now: clock}); err == nil || !strings.Contains(err.Error(), "another habeas") {
		t.Errorf("the second: %v", err)
	}
	check(t, first.Close())
	openIn(t, dir)
}

func TestTheKeyMayLieElsewhere(t *testing.T) {
	dir, key := t.TempDir(), filepath.Join(t.TempDir(), "portal.key")
	for range 2 {
		s, err := store.Open(bg, store.Options{Dir: dir, KeyFile: key, Now: clock})
		check(t, err)
		check(t, s.Close())
	}
	if _, err := os.Stat(filepath.Join(dir, "habeas.key")); err == nil {
		t.Error("a key was left beside the database")
	}
}

func TestTheDataDirectoryMayHaveAnyName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "数据 & data?x=1#%41")
	openIn(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "habeas.db-wal")); err != nil {
		t.Error(err)
	}
}

func TestNothingInTheDataDirectoryCanBeReadByOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := openIn(t, dir)
	addSubject(t, s, "ana@example.com")
	check(t, s.Backup(bg, filepath.Join(dir, "copy.db")))
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return nil
	}))
}

func TestABackupOpensWithTheKeyAndHoldsEverything(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	s := openIn(t, dir)
	sub := addSubject(t, s, "ana@example.com")
	check(t, s.Backup(bg, filepath.Join(other, "habeas.db")))
	check(t, os.Rename(store.KeysOf(filepath.Join(other, "habeas.db")), filepath.Join(other, "keys.db")))
	if err := s.Backup(bg, filepath.Join(other, "habeas.db")); err == nil {
		t.Error("a file that is there was overwritten")
	}
	restored, err := store.Open(bg, store.Options{Dir: other, KeyFile: filepath.Join(dir, "habeas.key"), Now: clock})
	check(t, err)
	defer func() { check(t, restored.Close()) }()
	got, err := restored.Subject(bg, sub.ID)
	check(t, err)
	if got.Mailbox != "ana@example.com" {
		t.Errorf("got %q", got.Mailbox)
	}
	_, err = restored.VerifyAudit(bg)
	check(t, err)
}
