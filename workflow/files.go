package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"habeas/rights"
	"habeas/store"
)

// How much may come in at once and in a day (security.md 9).
const (
	MaxFiles  = 5        // with one message
	MaxFile   = 5 << 20  // bytes of one
	maxADay   = 20 << 20 // bytes for one request in a day
	filesADay = 40       // of one person, over all their requests
)

// Upload is a file as it was sent: named by whoever sent it, and not looked into yet.
type Upload struct {
	Name string
	Body []byte
}

// checkedFile is an upload that may be kept.
type checkedFile struct {
	rights.File
	body []byte
}

// checkFiles looks into what was sent. What is refused is named, and why.
func checkFiles(files []Upload) ([]checkedFile, error) {
	if len(files) > MaxFiles {
		return nil, rights.Fault("files", "files.error.many", map[string]any{"Max": MaxFiles})
	}
	var out []checkedFile
	var faults rights.FieldErrors
	for _, f := range files {
		media, endings := typeOf(f.Body)
		switch {
		case len(f.Body) > MaxFile:
			faults = append(faults, rights.FieldError{Field: "files", Key: "files.error.large", Args: map[string]any{"Max": MaxFile >> 20}})
		case media == "":
			faults = append(faults, rights.FieldError{Field: "files", Key: "files.error.type"})
		default:
			sum := sha256.Sum256(f.Body)
			out = append(out, checkedFile{body: f.Body, File: rights.File{
				Name: cleanName(f.Name, endings), Type: media, Bytes: len(f.Body), SHA256: hex.EncodeToString(sum[:]),
			}})
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

// belongs says what a file came with.
type belongs struct {
	message string // the message's ID
	mandate bool
	private bool
}

// attach keeps files with a request, within what a request takes in a day.
func (p *Portal) attach(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request, files []checkedFile, to belongs) error {
	if len(files) == 0 {
		return nil
	}
	now := p.Now()
	sum, err := tx.FileBytes(ctx, r.ID, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	for _, f := range files {
		if sum += f.Bytes; sum > maxADay {
			return rights.Fault("files", "files.error.day", map[string]any{"Max": maxADay >> 20})
		}
		if !by.IsStaff() {
			if err := take(tx, "files "+by.ID, store.Limit{Burst: filesADay, Per: 24 * time.Hour}, now); err != nil {
				return err
			}
		}
		f.ID, f.Request, f.At, f.Actor = p.newID(), r.ID, now, by
		f.Message, f.Mandate, f.Private = to.message, to.mandate, to.private
		why := p.entry(by, "file.added", r.Subject, r.ID, map[string]string{
			"file": f.ID, "type": f.Type, "bytes": strconv.Itoa(f.Bytes), "sha256": f.SHA256,
		})
		if err := tx.InsertFile(f.File, f.body, why); err != nil {
			return err
		}
	}
	return nil
}

// sayWith adds a message with its files. One that has files needs no words.
func (p *Portal) sayWith(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request, text string, files []checkedFile, now time.Time) error {
	m := rights.Message{ID: p.newID(), Request: r.ID, At: now, Actor: by, Body: text}
	if err := tx.InsertMessage(m, p.entry(by, "message.sent", r.Subject, r.ID, nil)); err != nil {
		return err
	}
	return p.attach(ctx, tx, by, r, files, belongs{message: m.ID})
}

// checkSaid tidies a message and looks into its files.
func checkSaid(text string, uploads []Upload) (string, []checkedFile, error) {
	files, err := checkFiles(uploads)
	if err != nil {
		return "", nil, err
	}
	if len(files) > 0 {
		text, err = checkAnswer(text)
	} else {
		text, err = checkMessage(text)
	}
	return text, files, err
}

// AddFiles keeps with a request what an officer was sent or given outside the portal: a scan of the letter, for the team only,
// or the document that shows that somebody may act for the person.
func (p *Portal) AddFiles(ctx context.Context, by rights.Actor, ref string, version int, mandate bool, uploads []Upload) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	if len(uploads) == 0 {
		return rights.Fault("files", "files.error.none", nil)
	}
	files, err := checkFiles(uploads)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		to := belongs{mandate: mandate, private: true}
		if mandate {
			m, err := tx.Mandate(ctx, r.ID)
			if err != nil {
				return err
			}
			to.private = m.Kind.Alone() // whoever is asked whether an agent may act for them sees what the agent brought
		}
		if err := p.attach(ctx, tx, by, r, files, to); err != nil {
			return err
		}
		// What is sent twice is kept once: the second was of a version that has passed.
		if err := tx.UpdateRequest(r, p.entry(by, "request.file_added", r.Subject, r.ID, nil)); err != nil {
			return err
		}
		e := p.event(by, r.ID, "file_added", map[string]string{"count": strconv.Itoa(len(files))})
		e.Private = true
		return tx.InsertEvent(e)
	})
}

// File returns a file of one of the person's own requests.
func (p *Portal) File(ctx context.Context, by rights.Actor, ref, id string) (rights.File, []byte, error) {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return rights.File{}, nil, err
	}
	f, body, err := p.Store.File(ctx, r.ID, id)
	if err != nil {
		return rights.File{}, nil, err
	}
	kin, err := p.Store.Kin(ctx, by.ID)
	if err != nil {
		return rights.File{}, nil, err
	}
	if f.Private || anothers(f.Actor, kin) {
		return rights.File{}, nil, rights.ErrNotFound
	}
	return f, body, p.readFile(ctx, by, r, f)
}

// DeskFile returns a file of a request to a member of staff, and writes down that they took it.
func (p *Portal) DeskFile(ctx context.Context, by rights.Actor, ref, id string) (rights.File, []byte, error) {
	r, err := p.deskRequest(ctx, by, rights.SeeQueue, ref)
	if err != nil {
		return rights.File{}, nil, err
	}
	f, body, err := p.Store.File(ctx, r.ID, id)
	if err != nil {
		return rights.File{}, nil, err
	}
	return f, body, p.readFile(ctx, by, r, f)
}

func (p *Portal) readFile(ctx context.Context, by rights.Actor, r rights.Request, f rights.File) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.seePerson(ctx, tx, by, r.Subject); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "file.read", r.Subject, r.ID, map[string]string{"file": f.ID, "sha256": f.SHA256}))
	})
}

// FilesOf are the files of one message.
func (d Dossier) FilesOf(message string) []rights.File {
	return slices.DeleteFunc(slices.Clone(d.Files), func(f rights.File) bool { return f.Message != message })
}
