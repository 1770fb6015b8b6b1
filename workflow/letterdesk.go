package workflow

import (
	"context"

	"habeas/mail"
	"habeas/rights"
)

// LetterBlock is one part of a letter.
type LetterBlock = mail.Block

// Draft is the letter of a statutory act as it would be sent now, with what the law says to the act.
type Draft struct {
	mail.Draft
	Offer Offer
	Words string // those that its template begins with, filled in for this letter, in the person's language
}

// Draft works a statutory act out without doing it: the officer who opened the folder reads the letter, and changes its
// words, before anything is sent. It is laid out in language, so that the officer can read what it says; "" is the
// person's own, in which it goes out.
func (p *Portal) Draft(ctx context.Context, by rights.Actor, f Folder, act StatutoryAct, ground, language string) (Draft, error) {
	if err := may(by, rights.HandleRequest); err != nil {
		return Draft{}, err
	}
	m, err := p.matterOf(f.Dossier, f.Tasks)
	if err != nil {
		return Draft{}, err
	}
	o, ruled, err := p.rule(m, act, ground)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Offer: o}
	kind := ruled.letter("").Kind()
	if d.Words, err = p.begin(ctx, kind, ruled.request); err != nil {
		return d, err
	}
	if language == "" {
		language = f.Request.Language
	}
	if language != f.Request.Language { // sentences that the law fixes are taken from the regime in the reader's language
		m.Language = language
		if _, ruled, err = p.rule(m, act, ground); err != nil {
			return d, err
		}
	}
	d.Draft, err = mail.Preview(p.House, language, ruled.letter(""), f.OnPaper())
	return d, err
}

// begin is the template of a letter, filled in for one request.
func (p *Portal) begin(ctx context.Context, kind mail.Kind, r rights.Request) (string, error) {
	t, err := p.inUse(ctx, kind, r.Language)
	if err != nil {
		return "", err
	}
	return mail.Fill(p.House, r.Language, t.Text, p.aboutLetter(r)), nil
}

func (p *Portal) aboutLetter(r rights.Request) mail.Facts {
	return mail.Facts{Ref: r.Ref, Right: r.Called(), Received: p.local(r.ReceivedAt), Due: r.Due}
}
