package workflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"habeas/proof"
	"habeas/rights"
	"habeas/store"
)

// Loss says why something is not in a proof that once was there.
type Loss = proof.Loss

// ProofOutline is what the proof of a request would hold.
type ProofOutline struct {
	Request                          rights.Request
	Letters, Messages, Files, Events int
	Missing                          []Loss
	Verifier                         string // the public key of the audit log
}

// ProofOutline says what the proof of a request would hold. It reads no more than how much there is.
func (p *Portal) ProofOutline(ctx context.Context, by rights.Actor, ref string) (ProofOutline, error) {
	r, err := p.deskRequest(ctx, by, rights.SeeProof, ref)
	if err != nil {
		return ProofOutline{}, err
	}
	c, _, err := p.proofCase(ctx, r, p.Languages[0])
	if err != nil {
		return ProofOutline{}, err
	}
	sent := 0
	for _, l := range c.Letters {
		if l.State == "sent" {
			sent++
		}
	}
	return ProofOutline{
		Request: r, Letters: sent, Messages: len(c.Messages), Files: len(c.Files), Events: len(c.Events), Missing: c.Missing, Verifier: c.Verifier,
	}, nil
}

// Proof is the proof of a request, entered into the audit log and ready to be written.
type Proof struct {
	Reference string
	made      proof.Case
}

// Write writes the proof, a ZIP. After an error what was written is worthless.
func (f Proof) Write(w io.Writer) error { return proof.Write(w, f.made) }

// proofTries is how often a proof is begun anew because a letter left while it was put together.
const proofTries = 3

// Proof puts together what shows an authority how a request was handled (GDPR Art. 5(2)). That it was made is entered into
// the audit log, with the hash of everything in it, and its person sees it.
func (p *Portal) Proof(ctx context.Context, by rights.Actor, ref, language string) (Proof, error) {
	r, err := p.deskRequest(ctx, by, rights.SeeProof, ref)
	if err != nil {
		return Proof{}, err
	}
	if !slices.Contains(p.Languages, language) {
		return Proof{}, rights.Fault("language", "proof.page.language.error", nil)
	}
	for try := 1; ; try++ {
		f, err := p.makeProof(ctx, by, r, language)
		if !errors.Is(err, rights.ErrConflict) || try == proofTries {
			return f, err
		}
	}
}

func (p *Portal) makeProof(ctx context.Context, by rights.Actor, r rights.Request, language string) (Proof, error) {
	c, letters, err := p.proofCase(ctx, r, language)
	if err != nil {
		return Proof{}, err
	}
	c.MadeAt = p.Now().In(p.Location)
	sum, err := proof.Digest(c)
	if err != nil {
		return Proof{}, err
	}
	var size int64
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.seePerson(ctx, tx, by, r.Subject); err != nil {
			return err
		}
		now, err := tx.LettersOf(ctx, r.ID)
		if err != nil {
			return err
		}
		if !slices.Equal(now, letters) {
			return rights.ErrConflict // the log already tells of a letter that this proof does not hold
		}
		why := p.entry(by, proof.Made, r.Subject, r.ID, map[string]string{proof.FactSum: sum})
		c.Log.Checkpoint, size, err = tx.Prove(ctx, why, proof.FactEntries)
		return err
	})
	if err != nil {
		return Proof{}, err
	}
	c.Log.Entries = func(yield func(proof.Entry) error) error {
		return p.Store.Leaves(ctx, r.ID, size, func(l store.Leaf) error { return yield(proof.Entry{Index: l.Index, Leaf: l.Bytes, Path: l.Path}) })
	}
	return Proof{Reference: r.Ref, made: c}, nil
}

// proofCase reads everything about a request but the audit log, letters and files one by one as they are written. What is
// for the team alone is not of it: notes and private files.
func (p *Portal) proofCase(ctx context.Context, r rights.Request, language string) (proof.Case, []store.LetterState, error) {
	c := proof.Case{
		Request: r, Language: language, Verifier: p.Store.VerifierKey(),
		House: proof.House{Name: p.House.Name, Address: p.House.Address, Contact: p.House.PrivacyContact, Authority: p.House.AuthorityName},
	}
	var err error
	if c.KeepUntil, _, err = p.KeepUntil(ctx, r); err != nil {
		return c, nil, err
	}
	if c.Events, err = p.Store.Events(ctx, r.ID); err != nil {
		return c, nil, err
	}
	if c.Tasks, err = p.Store.TasksOf(ctx, r.ID); err != nil {
		return c, nil, err
	}
	if r.Parent != "" {
		about, err := p.Store.Request(ctx, r.Parent)
		if err != nil {
			return c, nil, err
		}
		c.About = about.Ref
	}
	letters, err := p.Store.LettersOf(ctx, r.ID)
	if err != nil {
		return c, nil, err
	}
	for _, l := range letters {
		if l.Subject != "" {
			c.Letters = append(c.Letters, p.proofLetter(ctx, l))
		}
	}
	_, err = p.Store.Subject(ctx, r.Subject)
	switch {
	case !r.PseudonymisedAt.IsZero():
		c.Missing = []Loss{proof.Pseudonymised}
	case errors.Is(err, rights.ErrGone):
		c.Missing = []Loss{proof.Erased}
	case err == nil:
		err = p.proofWords(ctx, &c)
		return c, letters, err
	default:
		return c, nil, err
	}
	return c, letters, nil
}

// proofWords adds what is sealed under the key of the person.
func (p *Portal) proofWords(ctx context.Context, c *proof.Case) error {
	r := c.Request
	var err error
	if c.Messages, err = p.Store.Messages(ctx, r.ID); err != nil {
		return err
	}
	correction, err := p.Store.Correction(ctx, r.ID)
	if err == nil {
		p.maskCorrection(&correction)
		c.Correction = &correction
	}
	if err := ignoreNotFound(err); err != nil {
		return err
	}
	files, err := p.Store.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Private {
			continue
		}
		c.Files = append(c.Files, proof.File{File: f, Body: func() ([]byte, error) {
			_, body, err := p.Store.File(ctx, r.ID, f.ID)
			return body, err
		}})
	}
	return nil
}

// proofLetter reads a letter that has left once it is written; of any other the proof says how it stands.
func (p *Portal) proofLetter(ctx context.Context, l store.LetterState) proof.Letter {
	return proof.Letter{
		ID: l.ID, Kind: l.Kind, Language: l.Language, State: l.State, ServerID: l.ServerID, Fault: l.Fault, Attempts: l.Attempts,
		QueuedAt: l.QueuedAt, SentAt: l.SentAt,
		Kept: func() ([]byte, error) {
			if l.State != "sent" {
				return nil, nil
			}
			whole, err := p.Store.Letter(ctx, l.ID)
			if err != nil {
				return nil, fmt.Errorf("read letter %s: %w", l.ID, err)
			}
			return whole.Kept, nil
		},
	}
}
