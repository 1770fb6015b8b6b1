package demo

import (
	"fmt"

	"habeas/rights"
	"habeas/workflow"
)

// What people in the scenes do, each by the method of the portal that the page would call.

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
		r, err := s.p.Export(s.ctx, by, rights.Access, language)
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

// says answers on the page of a request, with papers.
func says(name, text string, papers ...workflow.Upload) deed {
	return func(s *stage, by rights.Actor, _ string) error {
		return s.p.Say(s.ctx, by, s.refs[name], text, papers...)
	}
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

// settles says what was done by hand in a source.
func settles(name, source, note string) deed {
	return func(s *stage, by rights.Actor, language string) error {
		return s.settle(by, name, language, func(t rights.Task) bool { return t.Source == source }, workflow.TaskChange{Note: note})
	}
}

// fulfils answers a request, once the archive has looked, and tells the recipients whom no letter reaches.
func fulfils(name, text string) deed {
	act := answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Fulfil(s.ctx, by, ref, version, text)
	})
	return func(s *stage, by rights.Actor, language string) error {
		looked := workflow.TaskChange{
			Note:     map[string]string{"en": "Both shelves looked through; what was found is noted on the folder.", "zh-CN": "已查阅两组档案架，结果已记录在档案袋上。"}[language],
			Evidence: rights.Evidence{By: "R. Behrens", On: rights.DateOf(s.clock.In(s.p.Location))},
		}
		if err := s.settle(by, name, language, func(t rights.Task) bool { return s.p.ByHand(t.Source) }, looked); err != nil {
			return err
		}
		if err := act(s, by, language); err != nil {
			return err
		}
		if err := s.repeat(s.p.TellNext); err != nil {
			return err
		}
		told := workflow.TaskChange{Note: map[string]string{"en": "Told by telephone.", "zh-CN": "已电话告知。"}[language]}
		return s.settle(by, name, language, func(t rights.Task) bool { return t.Kind == rights.TaskRecipient }, told)
	}
}

// settle ticks the open tasks of a request that are meant, all in the same words.
func (s *stage) settle(by rights.Actor, name, language string, meant func(rights.Task) bool, done workflow.TaskChange) error {
	folder, err := s.p.Folder(s.ctx, by, s.refs[name], language)
	if err != nil {
		return err
	}
	for _, t := range folder.OpenTasks() {
		if !meant(t) {
			continue
		}
		done.ID, done.Version, done.State = t.ID, t.Version, rights.TaskDone
		if err := s.p.SetTask(s.ctx, by, s.refs[name], done); err != nil {
			return err
		}
	}
	return nil
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

func extends(name, why string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Extend(s.ctx, by, ref, version, why)
	})
}

func reopens(name, why string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.Reopen(s.ctx, by, ref, version, why)
	})
}

func fulfilsInPart(name, ground, text string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.FulfilInPart(s.ctx, by, ref, version, ground, text)
	})
}

func adds(name, task string) deed {
	return answers(name, func(s *stage, by rights.Actor, ref string, version int) error {
		return s.p.AddTask(s.ctx, by, ref, version, task)
	})
}

// complains files a complaint about the answer to an earlier request.
func complains(name, about, text string) deed {
	return func(s *stage, by rights.Actor, language string) error {
		subject, err := s.p.Store.Subject(s.ctx, by.ID)
		if err != nil {
			return err
		}
		r, err := s.p.Submit(s.ctx, by, workflow.Ask{Right: rights.Complaint, Regime: subject.Regime, Text: text, Language: language, About: s.refs[about]})
		return s.file(name, r, err)
	}
}

// registers writes down a request that came in another way than through the portal, days before.
func registers(name string, days int, g workflow.Registration) deed {
	return func(s *stage, by rights.Actor, _ string) error {
		g.ReceivedAt = s.clock.AddDate(0, 0, -days)
		r, err := s.p.Register(s.ctx, by, g)
		return s.file(name, r, err)
	}
}

// reveals shows one value of the account of whom a request is about in full.
func reveals(name, field, why string) deed {
	return func(s *stage, by rights.Actor, _ string) error {
		_, account, _, err := s.p.DeskRecords(s.ctx, by, s.refs[name], "shop", "customers", "", 1)
		if err != nil {
			return err
		}
		if len(account.First) == 0 {
			return fmt.Errorf("no account to show %s of", field)
		}
		_, err = s.p.Reveal(s.ctx, by, s.refs[name], workflow.Reveal{
			Source: "shop", Collection: "customers", Record: account.First[0].ID, Field: field, Reason: why,
		})
		return err
	}
}

// keeps saves what the queue is narrowed by under a name.
func keeps(name string, q workflow.QueueQuery, shared bool) deed {
	return func(s *stage, by rights.Actor, _ string) error {
		_, err := s.p.SaveView(s.ctx, by, name, q, shared)
		return err
	}
}

// words gives a kind of letter the house's own words to begin with.
func words(kind workflow.LetterKind, language, text string) deed {
	return func(s *stage, by rights.Actor, _ string) error {
		return s.p.SaveTemplate(s.ctx, by, kind, language, 0, text)
	}
}
