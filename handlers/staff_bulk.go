package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/rights"
	"habeas/workflow"
)

// bulkMost is how many requests a page about them lists. Workflow takes no more at once.
const bulkMost = 100

// picking is a post about many requests: each field pick.HB-… names one and holds the version that was seen.
type picking struct {
	act         workflow.BulkAct
	picks       []workflow.Pick
	back        string // the address of the queue they were ticked in
	sure        bool   // has been asked once more
	owner, text string // as typed
}

func readPicking(f form) (picking, error) {
	p := picking{back: backToQueue(f.one("back")), sure: f.one("sure") != "", owner: f.one("owner"), text: f.one("text")}
	p.act = workflow.BulkAct{Name: f.one("act"), Owner: p.owner, Text: p.text}
	if p.owner == "nobody" {
		p.act.Owner = ""
	}
	for _, name := range f.names() {
		ref, picked := strings.CutPrefix(name, "pick.")
		if !picked {
			continue
		}
		version, err := strconv.Atoi(f.one(name))
		if clean, ok := rights.ParseRef(ref); !ok || clean != ref || err != nil || version < 1 {
			return p, rights.ErrNotFound // no page of ours has such a field
		}
		p.picks = append(p.picks, workflow.Pick{Ref: ref, Version: version})
	}
	if p.act.Name == "assign" && p.owner == "" {
		return p, rights.Fault("owner", "queue.error.owner", nil)
	}
	return p, nil
}

// backToQueue is the address of a list of the queue, whatever else a form may say.
func backToQueue(path string) string {
	if u, err := url.Parse(path); err == nil && u.Scheme == "" && u.Host == "" && u.Path == "/staff/queue" {
		return u.RequestURI()
	}
	return "/staff/queue"
}

// bulk answers POST /staff/queue/bulk. All done: back to the queue, 303. Otherwise a page says of each what became of it
// and offers to try those again that failed. What cannot be taken back is asked once more first.
func (s *server) bulk(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	p, err := readPicking(f)
	standsAt(c, p.back)
	if err == nil && p.act.Name == "fulfil" && !p.sure && len(p.picks) > 0 && len(p.picks) <= bulkMost {
		return s.drawSure(c, p)
	}
	var outcomes []workflow.Outcome
	if err == nil {
		outcomes, err = s.portal.Bulk(c.Request().Context(), visitOf(c).actor, p.act, p.picks)
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawAgain(c, p, faults)
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(outcomes, func(o workflow.Outcome) bool { return o.Err != nil }) {
		s.flash(c, "queue.bulk.done."+p.act.Name)
		return s.see(c, p.back)
	}
	return s.drawOutcomes(c, p, outcomes)
}
