package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/pquerna/otp/hotp"

	"habeas/mail"
	"habeas/rights"
	"habeas/workflow"
)

// stage is the portal while scenes are played on it.
type stage struct {
	ctx   context.Context
	p     *workflow.Portal
	clock *time.Time // what the portal takes for now
	refs  map[string]string
	staff map[string]string // staff IDs by address
}

// deed is what somebody who is signed in does.
type deed func(s *stage, by rights.Actor, language string) error

// home is where somebody lives: which law their requests come under, and what they read.
var home = map[string]struct{ regime, language string }{
	jingyi: {"cn_pipl", "zh-CN"}, guoqiang: {"cn_pipl", "zh-CN"}, ting: {"cn_pipl", "zh-CN"}, fang: {"cn_pipl", "zh-CN"},
	rosa: {"ccpa", "en"}, arthur: {"uk_gdpr", "en"},
}

// as signs somebody in, lets them act, and signs them out.
func (s *stage) as(email string, do deed) error {
	here := s.p.Config
	at, abroad := home[email]
	if !abroad {
		at.regime, at.language = here.Regime, here.Languages[0]
	}
	s.p.Regime, s.p.Languages = at.regime, []string{at.language} // what a new subject begins with
	in, err := s.p.SignInAs(s.ctx, email, workflow.Visitor{Net: "127.0.0.1", Device: "Firefox on Linux", Language: at.language})
	s.p.Config = here
	if err != nil {
		return err
	}
	who, err := s.p.Who(s.ctx, in.Token)
	if err != nil {
		return err
	}
	if err := do(s, who.Actor, at.language); err != nil {
		return err
	}
	return s.p.SignOut(s.ctx, who.Actor)
}

// enrol makes a member of staff the way they would themselves. Their password is nobody's: /dev lets them in.
func (s *stage) enrol(m Persona, language string) error {
	token, err := s.p.Invite(s.ctx, rights.System, m.Email, m.Name, m.Role, language)
	if err != nil {
		return err
	}
	e, err := s.p.Enrolment(s.ctx, token)
	if err != nil {
		return err
	}
	code, err := hotp.GenerateCode(e.Secret, uint64(s.clock.Unix()/30))
	if err != nil {
		return err
	}
	password := make([]byte, 24)
	rand.Read(password) // never fails
	_, in, err := s.p.Enrol(s.ctx, token, base64.RawStdEncoding.EncodeToString(password), code, workflow.Visitor{Net: "127.0.0.1", Device: "Firefox on Linux", Language: language})
	if err != nil {
		return err
	}
	s.staff[m.Email] = in.Session.Staff
	return s.p.SignOut(s.ctx, rights.Actor{ID: in.Session.Staff, Role: m.Role, Session: in.Session.ID})
}

// housekeeping does what the portal would have done by itself until then.
func (s *stage) housekeeping() error {
	for _, step := range []func(context.Context) (bool, error){
		func(ctx context.Context) (bool, error) { return s.p.SendNext(ctx, shredder{}) }, s.p.BuildNext, s.p.ExpireNext,
		s.p.WatchDeadlines, s.p.SendDigest,
	} {
		for had := true; had; {
			var err error
			if had, err = step(s.ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// shredder sends the letters of the past nowhere: they count as sent on their day, and the demo's mail begins empty, so
// that the first letter in it is the newcomer's own.
type shredder struct{}

// Send does nothing, well.
func (shredder) Send(context.Context, string, mail.Letter, time.Time) (string, error) {
	return "past", nil
}

// Close has nothing to end.
func (shredder) Close() error { return nil }

// file keeps the reference of a new request under its name in the play.
func (s *stage) file(name string, r rights.Request, err error) error {
	s.refs[name] = r.Ref
	return err
}

func asks(name string, right rights.Right, text string) deed {
	return func(s *stage, by rights.Actor, language string) error {
		subject, err := s.p.Store.Subject(s.ctx, by.ID)
		if err != nil {
			return err
		}
		r, err := s.p.Submit(s.ctx, by, workflow.Ask{Right: right, Regime: subject.Regime, Text: text, Language: language})
		return s.file(name, r, err)
	}
}

func looks() deed {
	return func(s *stage, by rights.Actor, _ string) error {
		_, err := s.p.Overview(s.ctx, by)
		return err
	}
}

func exports(name string) deed {
	return func(s *stage, by rights.Actor, language string) error {
		r, err := s.p.Export(s.ctx, by, language)
		return s.file(name, r, err)
	}
}

// corrects changes one field of the account.
func corrects(name, field, to, reason string) deed {
	return func(s *stage, by rights.Actor, language string) error {
		account, _, err := s.p.Records(s.ctx, by, "shop", "customers", "", 1)
		if err != nil {
			return err
		}
		if len(account.First) == 0 {
			return fmt.Errorf("no account to correct %s of", field)
		}
		was := account.First[0]
		spot := workflow.Spot{Source: "shop", Collection: "customers", Record: was.ID, Field: field}
		r, err := s.p.Correct(s.ctx, by, workflow.Change{Spot: spot, Old: was.Cell(field).String(), New: to, Reason: reason}, language)
		return s.file(name, r, err)
	}
}

func chooses(choice rights.Choice, purposes ...string) deed {
	return func(s *stage, by rights.Actor, language string) error {
		for _, purpose := range purposes {
			if err := s.p.Consent(s.ctx, by, purpose, choice, language); err != nil {
				return err
			}
		}
		return nil
	}
}

func says(name, text string) deed {
	return func(s *stage, by rights.Actor, _ string) error { return s.p.Say(s.ctx, by, s.refs[name], text) }
}

func cancels(name string) deed {
	return func(s *stage, by rights.Actor, _ string) error { return s.p.Cancel(s.ctx, by, s.refs[name]) }
}

// answers is what an officer does with a request they have just opened.
func answers(name string, act func(s *stage, by rights.Actor, ref string, version int) error) deed {
	return func(s *stage, by rights.Actor, language string) error {
		folder, err := s.p.Folder(s.ctx, by, s.refs[name], language)
		if err != nil {
			return err
		}
		return act(s, by, s.refs[name], folder.Request.Version)
	}
}

func takes(name string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Assign(s.ctx, by, ref, version, by.ID)
	})
}

func notes(name, text string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Note(s.ctx, by, ref, version, text)
	})
}

func replies(name, text string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Reply(s.ctx, by, ref, version, text)
	})
}

func pauses(name, why, text string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Ask(s.ctx, by, ref, version, why, text)
	})
}

func fulfils(name, text string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Fulfil(s.ctx, by, ref, version, text)
	})
}

func refuses(name, ground, text string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Refuse(s.ctx, by, ref, version, ground, text)
	})
}

func accepts(name string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Accept(s.ctx, by, ref, version)
	})
}

func declines(name, ground, text string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Decline(s.ctx, by, ref, version, ground, text)
	})
}

// invites proposes to let a colleague in; somebody else has to approve it.
func invites(email, name string, role rights.Role, why string) deed {
	return func(s *stage, by rights.Actor, language string) error {
		return s.p.ProposeInvitation(s.ctx, by, workflow.Proposal{Email: email, Name: name, Role: role, Language: language, Why: why})
	}
}
