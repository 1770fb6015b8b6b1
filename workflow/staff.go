package workflow

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"image/png"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Invite lets the operator, who holds the key of the house, add a member of staff, and returns the one-time token of their
// enrolment link, which also goes to them by letter. At the desk an invitation is proposed and approved instead.
func (p *Portal) Invite(ctx context.Context, by rights.Actor, address, name string, role rights.Role, language string) (string, error) {
	if by.Role != rights.RoleSystem {
		return "", rights.ErrNotFound
	}
	invitee, err := checkInvitee(Proposal{Email: address, Name: name, Role: role, Language: language})
	if err != nil {
		return "", err
	}
	var token string
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		_, token, err = p.invite(ctx, tx, by, invitee)
		return err
	})
	return token, err
}

// invite adds a member of staff and sends them the link to enrol with. Somebody who has not enrolled yet gets a new link,
// and so does somebody who was disabled; an active member is ErrConflict: disable them first.
func (p *Portal) invite(ctx context.Context, tx *store.Tx, by rights.Actor, i Proposal) (member store.Staff, token string, err error) {
	now := p.Now()
	member, err = tx.StaffByEmail(ctx, i.Email)
	facts := map[string]string{"staff": member.ID, "role": string(i.Role)}
	switch {
	case errors.Is(err, rights.ErrNotFound):
		member = store.Staff{ID: p.newID(), Email: i.Email, Name: i.Name, Role: i.Role, State: "invited", Language: i.Language, MadeAt: now}
		facts["staff"] = member.ID
		err = tx.InsertStaff(member, p.entry(by, "staff.invited", "", "", facts))
	case err == nil && member.State == "active":
		err = rights.ErrConflict
	case err == nil: // not enrolled yet, or disabled and welcome back: as new, whatever they were before
		member.Name, member.Role, member.Language, member.State = i.Name, i.Role, i.Language, "invited"
		member.PasswordHash, member.TOTP = "", ""
		err = tx.UpdateStaff(member, p.entry(by, "staff.invited", "", "", facts))
	}
	if err != nil {
		return member, "", err
	}
	token = p.newToken(16)
	why := p.entry(by, "staff.link_made", "", "", map[string]string{"staff": member.ID})
	if err := tx.InsertEnrolment(p.Store.Hash("enrolment", token), member.ID, now.Add(enrolmentLife), why); err != nil {
		return member, "", err
	}
	return member, token, p.enqueue(tx, outgoing{
		to: member.Email, language: member.Language, dedupe: "invite " + p.newID(), fleeting: true, expires: now.Add(enrolmentLife),
		message: mail.StaffInvite{Role: member.Role, Token: token, Until: p.local(now.Add(enrolmentLife))},
	})
}

// Staff lists the team. It is for the command line and for whoever may manage staff.
func (p *Portal) Staff(ctx context.Context, by rights.Actor) ([]store.Staff, error) {
	if by.Role != rights.RoleSystem && !by.Role.May(rights.ManageStaff) {
		return nil, rights.ErrNotFound
	}
	return p.Store.ListStaff(ctx)
}

// DisableStaff ends somebody's access and every session of theirs at once: in danger nobody waits for a second pair of
// eyes. At the desk nobody ends their own access, nor that of the last administrator; the operator can.
func (p *Portal) DisableStaff(ctx context.Context, by rights.Actor, address string) error {
	if by.Role != rights.RoleSystem && !by.Role.May(rights.ManageStaff) {
		return rights.ErrNotFound
	}
	email, err := mail.Canonical(address)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		member, err := tx.StaffByEmail(ctx, email)
		if err != nil {
			return err
		}
		if member.ID == by.ID {
			return rights.Fault("email", "team.error.self", nil)
		}
		if by.Role != rights.RoleSystem {
			if err := p.notLastAdmin(ctx, tx, member, "email"); err != nil {
				return err
			}
		}
		member.State = "disabled"
		facts := map[string]string{"staff": member.ID}
		if err := tx.UpdateStaff(member, p.entry(by, "staff.disabled", "", "", facts)); err != nil {
			return err
		}
		_, err = tx.EndSessionsOf("staff", member.ID, "", p.Now(), p.entry(by, "staff.sessions_ended", "", "", facts))
		return err
	})
}

// Enrolment is what somebody needs to enrol: the secret for their authenticator, as text and as a picture to scan.
type Enrolment struct {
	Name, Email string
	Secret      string // base 32
	QR          []byte // PNG
}

// Enrolment returns what the holder of an invitation needs. Asking uses up nothing.
func (p *Portal) Enrolment(ctx context.Context, token string) (Enrolment, error) {
	member, err := p.invited(ctx, token)
	if err != nil {
		return Enrolment{}, err
	}
	if member.TOTP == "" {
		secret := make([]byte, 20)
		p.fill(secret)
		member.TOTP = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
		err := p.Store.Write(ctx, func(tx *store.Tx) (err error) {
			by := rights.Actor{ID: member.ID}
			member.TOTP, err = tx.SetTOTP(member.ID, member.TOTP, p.entry(by, "staff.secret_made", "", "", map[string]string{"staff": member.ID}))
			return err
		})
		if err != nil {
			return Enrolment{}, err
		}
	}
	e := Enrolment{Name: member.Name, Email: member.Email, Secret: member.TOTP}
	e.QR, err = p.picture(member)
	return e, err
}

func (p *Portal) invited(ctx context.Context, token string) (store.Staff, error) {
	id, err := p.Store.Enrolment(ctx, p.Store.Hash("enrolment", token), p.Now())
	if err != nil {
		return store.Staff{}, ignoreWhich(err)
	}
	member, err := p.Store.StaffByID(ctx, id)
	if err == nil && member.State != "invited" {
		err = rights.ErrGone
	}
	return member, err
}

// picture draws the key as authenticator apps scan it.
func (p *Portal) picture(member store.Staff) ([]byte, error) {
	issuer := p.House.Name[p.Languages[0]]
	query := url.Values{"secret": {member.TOTP}, "issuer": {issuer}}
	link := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + member.Email, RawQuery: query.Encode()}
	key, err := otp.NewKeyFromURL(link.String())
	if err != nil {
		return nil, err
	}
	img, err := key.Image(220, 220)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

// Enrol takes up an invitation: a password, and a code that shows the authenticator is set up. It returns ten recovery
// codes, told once, and a session.
func (p *Portal) Enrol(ctx context.Context, token, password, code string, v Visitor) ([]string, SignedIn, error) {
	member, err := p.invited(ctx, token)
	if err != nil {
		return nil, SignedIn{}, err
	}
	if err := checkPassword(password, member.Name, member.Email); err != nil {
		return nil, SignedIn{}, err
	}
	step, ok := p.totpStep(member, code)
	if !ok {
		return nil, SignedIn{}, rights.Fault("code", "staff.error.code", nil)
	}
	member.State, member.PasswordHash = "active", p.hashPassword(password)
	codes, hashes := p.recoveryCodes(member.ID)
	now := p.Now()
	var in SignedIn
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		by := rights.Actor{ID: member.ID, Role: member.Role}
		facts := map[string]string{"staff": member.ID}
		if err := tx.UseEnrolment(p.Store.Hash("enrolment", token), now, p.entry(by, "staff.link_used", "", "", facts)); err != nil {
			return err
		}
		if err := tx.UpdateStaff(member, p.entry(by, "staff.enrolled", "", "", facts)); err != nil {
			return err
		}
		if err := tx.UseTOTPStep(member.ID, step); err != nil {
			return err
		}
		if err := tx.ReplaceRecoveryCodes(member.ID, hashes); err != nil {
			return err
		}
		in, err = p.openStaff(tx, member, v, now, now)
		return err
	})
	if errors.Is(err, rights.ErrConflict) {
		err = rights.ErrGone
	}
	return codes, in, err
}

// recoveryCodes makes ten codes of 50 bits, shown as XXXXX-XXXXX, and their keyed hashes.
func (p *Portal) recoveryCodes(staff string) (codes []string, hashes [][]byte) {
	for range 10 {
		b := make([]byte, 10)
		p.fill(b)
		code := strings.ToLower(base32.StdEncoding.EncodeToString(b))[:10]
		codes = append(codes, code[:5]+"-"+code[5:])
		hashes = append(hashes, p.Store.Hash("recovery", staff+" "+code))
	}
	return codes, hashes
}

// SignIn checks a password and opens a session that can do nothing but pass the second factor. Whether the address is
// known, disabled or not yet enrolled shows neither in the answer nor in its time.
func (p *Portal) SignIn(ctx context.Context, address, password string, v Visitor) (SignedIn, error) {
	wrong := rights.Fault("password", "staff.error.sign_in", nil)
	email, err := mail.Canonical(address)
	if err != nil {
		return SignedIn{}, err
	}
	now := p.Now()
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := take(tx, "password net "+v.Net, triesPerNet, now); err != nil {
			return err
		}
		if err := take(tx, "password "+email+" "+v.Net, passwordTries, now); err != nil {
			return err
		}
		return take(tx, "password "+email, passwordsInAll, now)
	})
	if err != nil {
		return SignedIn{}, err
	}
	member, err := p.Store.StaffByEmail(ctx, email)
	if err != nil && !errors.Is(err, rights.ErrNotFound) {
		return SignedIn{}, err
	}
	if !p.samePassword(member.PasswordHash, password) || member.State != "active" {
		return SignedIn{}, errors.Join(wrong, p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.Append(p.entry(rights.Actor{ID: member.ID}, "staff.password_wrong", "", "", nil))
		}))
	}
	var in SignedIn
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		in, err = p.openStaff(tx, member, v, now, time.Time{})
		return err
	})
	return in, err
}

// openStaff starts a session of staff. A zero confirmed leaves the second factor to be passed.
func (p *Portal) openStaff(tx *store.Tx, member store.Staff, v Visitor, now, confirmed time.Time) (SignedIn, error) {
	in := SignedIn{Token: p.newToken(32)}
	in.Session = store.Session{
		ID: p.newID(), TokenHash: p.Store.Hash("session", in.Token), Kind: "staff", Staff: member.ID, Device: v.Device,
		MadeAt: now, SeenAt: now, StepUpAt: confirmed, EndsAt: now.Add(sessionLife),
	}
	by := rights.Actor{ID: member.ID, Role: member.Role, Session: in.Session.ID}
	return in, tx.InsertSession(in.Session, p.entry(by, "staff.session_opened", "", "", nil))
}

// SecondFactor completes a sign-in with a code of the authenticator, or one of the recovery codes, and gives the
// session a new token.
func (p *Portal) SecondFactor(ctx context.Context, session store.Session, code string) (SignedIn, error) {
	if session.Kind != "staff" || !session.StepUpAt.IsZero() {
		return SignedIn{}, rights.ErrNotFound
	}
	member, err := p.Store.StaffByID(ctx, session.Staff)
	if err != nil {
		return SignedIn{}, err
	}
	by := rights.Actor{ID: member.ID, Role: member.Role, Session: session.ID}
	now := p.Now()
	var refused error
	in := SignedIn{Token: p.newToken(32), Session: session}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		refused = nil
		if err := take(tx, "totp "+member.ID, totpTries, now); err != nil {
			return err
		}
		how, err := p.factor(tx, member, code, now, by)
		if errors.Is(err, rights.ErrNotFound) || errors.Is(err, rights.ErrConflict) {
			refused = rights.Fault("code", "staff.error.code", nil)
			return tx.Append(p.entry(by, "staff.code_wrong", "", "", nil))
		}
		if err != nil {
			return err
		}
		in.Session.TokenHash, in.Session.StepUpAt, in.Session.SeenAt = p.Store.Hash("session", in.Token), now, now
		if err := tx.UpdateSession(in.Session); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "staff.signed_in", "", "", map[string]string{"how": how}))
	})
	return in, errors.Join(err, refused)
}

// factor uses up a code: of the authenticator, each time step once (RFC 6238 5.2), or a recovery code.
func (p *Portal) factor(tx *store.Tx, member store.Staff, code string, now time.Time, by rights.Actor) (string, error) {
	if step, ok := p.totpStep(member, code); ok {
		return "totp", tx.UseTOTPStep(member.ID, step)
	}
	plain := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	hash := p.Store.Hash("recovery", member.ID+" "+plain)
	return "recovery", tx.UseRecoveryCode(member.ID, hash, now, p.entry(by, "staff.recovery_used", "", "", nil))
}

// totpStep returns the 30-second step whose code was typed: the present one, or its neighbours, for clocks that differ.
func (p *Portal) totpStep(member store.Staff, code string) (int64, bool) {
	if member.TOTP == "" {
		return 0, false // the page that shows the secret was never opened
	}
	code = strings.Join(strings.Fields(code), "")
	now := p.Now().Unix() / 30
	for _, step := range []int64{now, now - 1, now + 1} {
		want, err := hotp.GenerateCode(member.TOTP, uint64(step))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}
