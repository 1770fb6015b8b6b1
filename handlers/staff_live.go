package handlers

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/rights"
	"habeas/workflow"
)

// How much may listen, and how often it is looked whether whoever listens is still signed in.
const (
	streamsEach  = 4
	streamsInAll = 200
	pulse        = 15 * time.Second
)

// streams counts who listens now.
type streams struct {
	mu  sync.Mutex
	of  map[string]int // by staff ID
	all int
}

func (l *streams) enter(staff string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= streamsInAll || l.of[staff] >= streamsEach {
		return false
	}
	if l.of == nil {
		l.of = map[string]int{}
	}
	l.of[staff]++
	l.all++
	return true
}

func (l *streams) leave(staff string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.of[staff]--; l.of[staff] == 0 {
		delete(l.of, staff)
	}
}

// events answers GET /staff/events: which requests change, as it happens (server-sent events). It says references and
// nothing about anybody. It ends with the session, with the portal, or with the reader.
func (s *server) events(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	if !s.streams.enter(v.actor.ID) {
		c.Response().Header().Set("Retry-After", "60")
		return c.NoContent(http.StatusServiceUnavailable)
	}
	defer s.streams.leave(v.actor.ID)
	changes, err := s.portal.Watch(ctx, v.actor)
	if err != nil {
		return err
	}
	// A stream outlives the time that an answer may take.
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // proxies would keep events back to send them together
	c.Response().WriteHeader(http.StatusOK)
	beat := time.NewTicker(s.pulse())
	defer beat.Stop()
	for said := ": listening\n\n"; ; {
		if _, err := io.WriteString(c.Response(), said); err != nil {
			return nil // the reader went away
		}
		c.Response().Flush()
		select {
		case <-ctx.Done():
			return nil
		case <-s.Done:
			return sayEnd(c)
		case <-beat.C:
			if !s.stillIn(c) {
				return sayEnd(c)
			}
			said = ": still here\n\n"
		case change, open := <-changes:
			if !open || !s.stillIn(c) { // whoever is out hears nothing more
				return sayEnd(c)
			}
			said = eventsOf(change)
		}
	}
}

// pulse is how often a stream looks after its session.
func (s *server) pulse() time.Duration {
	if s.Pulse > 0 {
		return s.Pulse
	}
	return pulse
}

// sayEnd tells the page not to ask again by itself: it could only be sent away.
func sayEnd(c echo.Context) error {
	if _, err := io.WriteString(c.Response(), "event: end\ndata: end\n\n"); err == nil {
		c.Response().Flush()
	}
	return nil
}

// stillIn reports whether the session that a stream came through is still one of somebody who may listen. To be looked
// after is not to be used: a stream keeps no session alive.
func (s *server) stillIn(c echo.Context) bool {
	who, err := s.portal.Glance(c.Request().Context(), s.cookie(c, sessionCookie))
	return err == nil && who.Actor.ID == visitOf(c).actor.ID && who.Actor.Role.May(rights.SeeQueue)
}

// eventsOf is one event for the queue, and one for each request that changed.
func eventsOf(change workflow.QueueChange) string {
	said := "event: queue\ndata: changed\n\n"
	for _, ref := range change.Refs {
		said += fmt.Sprintf("event: request\ndata: %s\n\n", ref)
	}
	return said
}
