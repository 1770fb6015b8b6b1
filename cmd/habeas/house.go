package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"habeas/mail"
	"habeas/sources"
	"habeas/store"
	"habeas/workflow"
)

// house is the portal, opened: its database, its sources and what it does with them.
type house struct {
	config  config
	dir     string
	store   *store.Store
	sources *sources.Set
	portal  *workflow.Portal
}

// openHouse opens everything that a configuration names. Nothing is sent and nobody is served yet.
func openHouse(ctx context.Context, g *globals, c config, log *slog.Logger, now func() time.Time) (*house, error) {
	h := &house{config: c, dir: g.dir()}
	var err error
	if h.store, err = openStore(ctx, g, now, c.Location); err != nil {
		return nil, err
	}
	// Record IDs that must not be read are sealed with a key that lasts: a correction that waits names its record by one.
	ids := sources.Options{IDKey: h.store.Hash("record ids", ""), Vault: h.vault}
	if h.sources, err = sources.Open(ctx, c.Sources, ids); err != nil {
		return nil, errors.Join(err, h.close())
	}
	packages := filepath.Join(h.dir, "packages")
	if err := os.MkdirAll(packages, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("make the directory of packages: %w", err), h.close())
	}
	h.portal = &workflow.Portal{
		Config: workflow.Config{
			House: mail.House{
				Name: c.Name, Address: c.Address, PrivacyContact: c.PrivacyContact, Officer: c.Officer,
				AuthorityName: c.AuthorityName, AuthorityURL: c.AuthorityURL, PolicyURL: c.PolicyURL, BaseURL: c.BaseURL.String(),
			},
			BaseURL: c.BaseURL.String(), Languages: c.Languages, Regime: c.Regime, Country: c.Country, Location: c.Location,
			Purposes: c.Purposes, CoolingOff: c.CoolingOff, Packages: packages,
		},
		Store: h.store, Sources: h.sources, Now: now, Random: rand.Reader, Log: log,
	}
	return h, nil
}

// openStore opens the database alone: the commands that keep house need no more, nor a zone, because they answer nothing.
func openStore(ctx context.Context, g *globals, now func() time.Time, zone *time.Location) (*store.Store, error) {
	s, err := store.Open(ctx, store.Options{Dir: g.dir(), KeyFile: g.KeyFile, Now: now, Location: zone})
	return s, plain(err, g.dir())
}

// keyHint is what whoever made a key must hear, whichever command made it.
func keyHint(made string) []string {
	if made == "" {
		return nil
	}
	return []string{
		"", "A new key was made: " + made,
		"Everything personal is sealed with it, and without it nobody can read the database, you neither. Move it to another",
		"disk, name it in HABEAS_KEY_FILE, and keep a copy where no backup of the database is.",
	}
}

// plain says what to do about an error of the file system.
func plain(err error, dir string) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the data directory %s cannot be written: give it to the user that runs habeas, or name another with --data", dir)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is not a directory: name another with --data", dir)
	case errors.Is(err, store.ErrFull), errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk of %s is full: make room and start again", dir)
	}
	return err
}

// exists reports whether the data directory holds a database; commands that only look must not make one.
func (g *globals) exists() error {
	_, err := os.Stat(filepath.Join(g.dir(), "habeas.db"))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database in %s: name the data directory with --data", g.dir())
	}
	return plain(err, g.dir())
}

// openMail makes the sender that the configuration names.
func (h *house) openMail() (mail.Sender, error) {
	password, err := secret("HABEAS_MAIL_PASSWORD")
	if err != nil {
		return nil, err
	}
	url := h.config.MailURL
	if dir, ok := strings.CutPrefix(url, "spool:"); ok && dir == "" {
		url = "spool:" + filepath.Join(h.dir, "mail")
	}
	return mail.Open(url, h.config.MailFrom, mail.Options{Host: h.config.BaseURL.Hostname(), Password: password})
}

func (h *house) close() error {
	var errs []error
	if h.sources != nil {
		errs = append(errs, h.sources.Close())
	}
	return errors.Join(append(errs, h.store.Close())...)
}
