package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/pquerna/otp/hotp"

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
	lives map[string]place  // by address; who is not in it lives where the house is
	asked []string          // links of notices that recipients have not answered
}

// place is the law that somebody's requests come under, and the language they read.
type place struct{ regime, language string }

// deed is what somebody who is signed in does.
type deed func(s *stage, by rights.Actor, language string) error

// as signs somebody in, lets them act, and signs them out.
func (s *stage) as(email string, do deed) error {
	here := s.p.Config
	at, known := s.lives[email]
	if !known {
		at = place{here.Regime, here.Languages[0]}
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
	if err := s.repeat(s.post); err != nil { // an invitation that left years late would count as a letter that failed
		return err
	}
	return s.p.SignOut(s.ctx, rights.Actor{ID: in.Session.Staff, Role: m.Role, Session: in.Session.ID})
}

// housekeeping does what the portal would have done by itself until then.
func (s *stage) housekeeping() error {
	return s.repeat(s.p.BuildNext, s.p.EraseNext, s.p.TellNext, s.p.ExpireNext, s.p.WatchDeadlines, s.p.SendDigest, s.post, s.answer)
}

// repeat takes each kind of step until there is none left.
func (s *stage) repeat(steps ...func(context.Context) (bool, error)) error {
	for _, step := range steps {
		for had := true; had; {
			var err error
			if had, err = step(s.ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// file keeps the reference of a new request under its name in the play.
func (s *stage) file(name string, r rights.Request, err error) error {
	s.refs[name] = r.Ref
	return err
}
