package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// noticesPerNet bounds how often one network asks for notices. A token of 128 bits is not guessed; this keeps trying cheap for us.
var noticesPerNet = store.Limit{Burst: 60, Per: time.Hour}

// Notice is what became of the telling of one recipient.
type Notice struct {
	store.RecipientNotice
	To     sources.Recipient
	What   []mail.Disclosed // in the language that was asked for
	Known  []KnownAs        // by what they know the person; for whoever has to tell or was told
	New    string           // of a rectification, as far as it may be shown there
	Hidden bool             // the new value is one that no link shows
	Answer string           // why they could not do it, in their words
}

// KnownAs is a value by which a recipient knows the person.
type KnownAs struct{ Label, Value string }

// Peek tells whether the link of a notice still leads anywhere, and whether it was answered; asking opens nothing, because mail scanners ask too.
func (p *Portal) Peek(ctx context.Context, token string, v Visitor) (answered bool, err error) {
	n, err := p.noticeOf(ctx, token, v)
	return n.State == "done" || n.State == "impossible", err
}

// noticeOf finds a notice by the token of its link. Whatever is wrong with the token, the answer is the same.
func (p *Portal) noticeOf(ctx context.Context, token string, v Visitor) (store.RecipientNotice, error) {
	if err := p.Store.Write(ctx, func(tx *store.Tx) error { return take(tx, "recipients "+v.Net, noticesPerNet, p.Now()) }); err != nil {
		return store.RecipientNotice{}, err
	}
	n, err := p.Store.NoticeByToken(ctx, p.Store.Hash("recipient", token), p.Now())
	if errors.Is(err, rights.ErrGone) {
		err = rights.ErrNotFound
	}
	return n, err
}

// OpenNotice shows whoever holds the link of a notice whom it is about and what is to be done, and writes down that they saw it.
func (p *Portal) OpenNotice(ctx context.Context, token string, v Visitor) (Notice, rights.Request, error) {
	n, err := p.noticeOf(ctx, token, v)
	if err != nil {
		return Notice{}, rights.Request{}, err
	}
	r, err := p.Store.Request(ctx, n.Request)
	if err != nil {
		return Notice{}, r, err
	}
	shown, err := p.notice(n, v.Language)
	if err != nil {
		return shown, r, err
	}
	by := recipientOf(n)
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if n.State != "sent" { // not the first time
			return tx.Append(p.noticeEntry(by, r, n, "recipient.opened"))
		}
		n.State, n.OpenedAt = "opened", p.Now()
		if err := tx.UpdateNotice(n, p.noticeEntry(by, r, n, "recipient.opened")); err != nil {
			return err
		}
		return p.keepPrivate(tx, by, r, "recipient_opened", map[string]string{"act": string(n.Act)}, shown.To.In(p.Languages[0]))
	})
	shown.RecipientNotice = n
	return shown, r, err
}

func recipientOf(n store.RecipientNotice) rights.Actor {
	return rights.Actor{ID: n.ID, Role: rights.RoleRecipient}
}

// AnswerNotice keeps what a recipient says they did, as proof; or why it is impossible, of which officers are told. Once they have
// done it nothing more is asked of them.
func (p *Portal) AnswerNotice(ctx context.Context, token string, v Visitor, done bool, words string) error {
	n, err := p.noticeOf(ctx, token, v)
	if err != nil {
		return err
	}
	if words = strings.TrimSpace(words); !done {
		var faults rights.FieldErrors
		if words, faults = checkReason("words", words); len(faults) > 0 {
			return faults
		}
	} else if f, bad := tooLong("words", words); bad {
		return rights.FieldErrors{f}
	}
	if !slices.Contains([]string{"sent", "opened", "impossible"}, n.State) {
		return rights.ErrConflict
	}
	d, err := fromJSON[disclosure](n.Content)
	if err != nil {
		return err
	}
	n.State, d.Answer = "impossible", words
	if done {
		n.State = "done"
	}
	n.AnsweredAt, n.NextAt = p.Now(), time.Time{}
	if n.Content, err = asJSON(d); err != nil {
		return err
	}
	by := recipientOf(n)
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, n.Request)
		if err != nil {
			return err
		}
		if err := tx.UpdateNotice(n, p.noticeEntry(by, r, n, "recipient."+n.State)); err != nil {
			return err
		}
		said := strings.TrimSpace(d.To.In(p.Languages[0]) + "\n" + words)
		if err := p.keepPrivate(tx, by, r, "recipient_"+n.State, map[string]string{"act": string(n.Act)}, said); err != nil || done {
			return err
		}
		return p.alertRecipient(ctx, tx, r, n)
	})
}

// Recipients lists who was told of what came of a request, and when: to its person, who may ask (GDPR Art. 19, last sentence), and
// to officers. By what a recipient knows the person is for whoever has to tell them, and their looking is written down.
func (p *Portal) Recipients(ctx context.Context, by rights.Actor, ref, language string) ([]Notice, error) {
	find := p.own
	if by.IsStaff() {
		find = func(ctx context.Context, by rights.Actor, ref string) (rights.Request, error) {
			return p.deskRequest(ctx, by, rights.SeeQueue, ref)
		}
	}
	r, err := find(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	found, err := p.Store.NoticesOf(ctx, r.ID)
	if err != nil {
		if absent(err) { // the words went with the person's key
			err = nil
		}
		return nil, err
	}
	told := false
	var out []Notice
	for _, n := range found {
		if n.Content == "" {
			continue // its record has ended
		}
		shown, err := p.notice(n, language)
		if err != nil {
			return nil, err
		}
		if mustTell := n.State == "by_hand" && by.Role.May(rights.HandleRequest); mustTell {
			told = true
		} else {
			shown.Known, shown.New = nil, ""
		}
		if !by.IsStaff() {
			shown.Answer = ""
		}
		out = append(out, shown)
	}
	if !told {
		return out, nil
	}
	return out, p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.seePerson(ctx, tx, by, r.Subject); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "recipients.read", r.Subject, r.ID, nil))
	})
}

// notice is a notice in words. A value that may stand behind no link is not in it.
func (p *Portal) notice(n store.RecipientNotice, language string) (Notice, error) {
	d, err := fromJSON[disclosure](n.Content)
	if err != nil {
		return Notice{}, err
	}
	out := Notice{RecipientNotice: n, To: d.To, What: p.disclosedWhat(d, language), New: d.New, Answer: d.Answer}
	for _, k := range d.Known {
		label := p.FieldLabel(rights.Correction{Source: k.Source, Collection: k.Collection, Field: k.Field}, language)
		out.Known = append(out.Known, KnownAs{label, k.Value})
	}
	if len(d.What) == 1 && d.What[0].Field != "" {
		out.Hidden = p.hiddenFrom(rights.InNotice, d.What[0])
	}
	if out.Hidden {
		out.New = ""
	}
	return out, nil
}
