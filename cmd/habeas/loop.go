package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// chore is a step that is taken again and again: at once while there was something to do, else after a while.
type chore struct {
	name string
	wait time.Duration
	step func(context.Context) (had bool, err error)
}

// After a failed step a chore waits a second, then twice as long each time, up to a minute.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// keep runs a chore until rest ends. A step that has begun is let end: only ctx, which ends later, interrupts it.
func keep(ctx, rest context.Context, log *slog.Logger, c chore) {
	pause := firstPause
	for rest.Err() == nil {
		had, err := c.step(ctx)
		wait := c.wait
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.Error("chore failed", "chore", c.name, "error", err, "again_in", pause.String())
			wait, pause = pause, min(2*pause, lastPause)
		case had:
			wait, pause = 0, firstPause
		default:
			pause = firstPause
		}
		select {
		case <-rest.Done():
		case <-time.After(wait):
		}
	}
}

// crew keeps all chores going, each by itself.
type crew struct {
	rest    context.CancelFunc // begin no more steps
	drop    context.CancelFunc // interrupt those that run
	working sync.WaitGroup
}

func startCrew(log *slog.Logger, chores []chore) *crew {
	ctx, drop := context.WithCancel(context.Background())
	rest, stop := context.WithCancel(ctx)
	w := &crew{rest: stop, drop: drop}
	for _, c := range chores {
		w.working.Go(func() { keep(ctx, rest, log, c) })
	}
	return w
}

// stop lets running steps end until ctx does, and then interrupts them. It returns when none runs any more.
func (w *crew) stop(ctx context.Context) {
	w.rest()
	defer w.drop()
	done := make(chan struct{})
	go func() { w.working.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		w.drop()
		<-done
	}
}
