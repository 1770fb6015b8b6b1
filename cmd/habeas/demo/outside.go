package demo

import (
	"context"
	"regexp"
	"time"

	"habeas/mail"
	"habeas/workflow"
)

// outside is where the letters of the past go: they count as sent on their day, and the demo's mail begins empty, so that the
// first letter in it is the newcomer's own. Of those to recipients of data the link is kept.
type outside struct{ stage *stage }

var noticeLink = regexp.MustCompile(`/recipients/(\S+)`)

// Send reads a letter.
func (o outside) Send(_ context.Context, _ string, l mail.Letter, _ time.Time) (string, error) {
	if found := noticeLink.FindStringSubmatch(l.Text); found != nil {
		o.stage.asked = append(o.stage.asked, found[1])
	}
	return "past", nil
}

// Close has nothing to end.
func (outside) Close() error { return nil }

// post sends the next letter.
func (s *stage) post(ctx context.Context) (bool, error) { return s.p.SendNext(ctx, outside{s}) }

// answer has the next recipient who was told of something do it, and say so.
func (s *stage) answer(ctx context.Context) (bool, error) {
	if len(s.asked) == 0 {
		return false, nil
	}
	token := s.asked[0]
	s.asked = s.asked[1:]
	v := workflow.Visitor{Net: "127.0.0.1", Device: "Firefox on Windows", Language: "en"}
	if _, _, err := s.p.OpenNotice(ctx, token, v); err != nil {
		return false, err
	}
	return true, s.p.AnswerNotice(ctx, token, v, true, "")
}
