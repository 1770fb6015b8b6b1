// Package mail writes the letters of the portal and delivers them. It knows what each letter says and how a letter
// becomes MIME, SMTP, a spooled file or a captured copy. It must not know requests, sessions, the database or the
// law: facts arrive as plain values, and a sentence that a statute fixes arrives ready in the reader's language.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"habeas/locale"
)

// Letter is one composed letter: everything a Sender needs, so that it can lie sealed in an outbox until it is sent.
type Letter struct {
	Kind     Kind   `json:"kind"`
	To       string `json:"to"` // one mailbox, never a list
	Language string `json:"language"`
	FromName string `json:"from_name"`          // the house, in the reader's language
	ReplyTo  string `json:"reply_to,omitempty"` // the privacy team
	Subject  string `json:"subject"`
	Text     string `json:"text"`
	HTML     string `json:"html"`
}

// Kind says what a letter is about.
type Kind string

// The kinds of letter.
const (
	KindSignInCode         Kind = "sign_in_code"
	KindStepUpCode         Kind = "step_up_code"
	KindReceipt            Kind = "receipt"
	KindAlert              Kind = "alert"
	KindPackageReady       Kind = "package_ready"
	KindPackageFailed      Kind = "package_failed"
	KindSupplementReady    Kind = "supplement_ready"
	KindCorrectionDone     Kind = "correction_done"
	KindCorrectionAccepted Kind = "correction_accepted"
	KindCorrectionDeclined Kind = "correction_declined"
	KindConsentGiven       Kind = "consent_given"
	KindConsentWithdrawn   Kind = "consent_withdrawn"
	KindFlagRaised         Kind = "flag_raised"
	KindFlagLowered        Kind = "flag_lowered"
	KindFlagLifting        Kind = "flag_lifting"
	KindExplained          Kind = "explained"
	KindMessage            Kind = "message"
	KindFulfilled          Kind = "fulfilled"
	KindRefused            Kind = "refused"
	KindCancelled          Kind = "cancelled"
	KindExtended           Kind = "extended"
	KindAcknowledged       Kind = "acknowledged"
	KindAskedIdentity      Kind = "asked_identity"
	KindAskedClarification Kind = "asked_clarification"
	KindFulfilledInPart    Kind = "fulfilled_in_part"
	KindErased             Kind = "erased"
	KindReopened           Kind = "reopened"
	KindMandate            Kind = "mandate"
	KindRecipientNotice    Kind = "recipient_notice"
	KindRecipientLifted    Kind = "recipient_lifted"
	KindStaffInvite        Kind = "staff_invite"
	KindStaffAlert         Kind = "staff_alert"
	KindStaffNotice        Kind = "staff_notice"
	KindStaffDigest        Kind = "staff_digest"
)

// Kinds lists every kind of letter.
var Kinds = []Kind{
	KindSignInCode, KindStepUpCode, KindReceipt, KindAlert, KindPackageReady, KindPackageFailed, KindSupplementReady,
	KindCorrectionDone, KindCorrectionAccepted, KindCorrectionDeclined, KindConsentGiven, KindConsentWithdrawn, KindFlagRaised, KindFlagLowered, KindFlagLifting,
	KindExplained,
	KindMessage, KindFulfilled, KindErased, KindRefused, KindCancelled, KindExtended, KindAcknowledged, KindAskedIdentity,
	KindAskedClarification, KindFulfilledInPart, KindReopened, KindMandate, KindRecipientNotice, KindRecipientLifted, KindStaffInvite, KindStaffAlert, KindStaffNotice, KindStaffDigest,
}

// House is the controller that signs the letters, as configured.
type House struct {
	Name           map[string]string // by language
	Address        string
	PrivacyContact string // the mailbox that answers
	Officer        string // the data protection officer, may be empty
	AuthorityName  string // whom to complain to, may be empty
	AuthorityURL   string
	PolicyURL      string
	BaseURL        string // every link in a letter begins with it, never with a request's Host
}

// name returns what the house is called in lang, or else in the first language that has a name for it.
func (h House) name(lang string) string {
	for _, l := range append([]string{lang}, locale.Languages...) {
		if n := h.Name[l]; n != "" {
			return n
		}
	}
	return h.PrivacyContact
}

// Message is the facts of one letter: SignInCode, Receipt and so on. Only this package can make new ones, because
// each needs its words, its golden files and a look at both.
type Message interface {
	Kind() Kind
	ref() string   // the request's reference, "" where there is none
	write(*writer) // adds the body, block by block
}

// Compose writes the letter that tells m to the reader of mailbox to; "" is nobody's, and the letter one on paper. It is pure: the same facts give the same bytes.
// It does not judge the mailbox: Build does, so that an address which nobody can write to parks its letter instead of
// undoing the act that the letter reports.
func Compose(house House, lang, to string, m Message) (Letter, error) {
	p, subject, err := draw(house, lang, m, to == "")
	if err != nil {
		return Letter{}, err
	}
	var html strings.Builder
	if err := letterHTML(p).Render(context.Background(), &html); err != nil {
		return Letter{}, fmt.Errorf("compose letter %s: %w", m.Kind(), err)
	}
	return Letter{
		Kind: m.Kind(), To: to, Language: p.Lang, FromName: p.House, ReplyTo: house.PrivacyContact,
		Subject: subject, Text: p.text(), HTML: html.String(),
	}, nil
}

// draw lays a letter out: what Compose sends and what Preview shows are this one page.
func draw(house House, lang string, m Message, paper bool) (p page, subject string, err error) {
	base, err := url.Parse(house.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return p, "", errors.New("compose letter: base_url must be an absolute http(s) address")
	}
	if house.PrivacyContact == "" {
		return p, "", errors.New("compose letter: organisation.privacy_contact is missing: a reader must have somebody to write to")
	}
	lang = locale.Match(lang, "")
	w := &writer{kind: m.Kind(), house: house, base: base, paper: paper}
	w.page = page{Lang: lang, House: house.name(lang)}
	about := []any{"Ref", m.ref(), "House", w.page.House}
	w.page.Title = w.word("title", about...)
	w.page.Preview = w.word("preview", about...)
	subject = w.word("subject", about...)
	m.write(w)
	w.foot()
	if w.err != nil {
		return p, "", fmt.Errorf("compose letter %s: %w", m.Kind(), w.err)
	}
	return w.page, subject, nil
}
