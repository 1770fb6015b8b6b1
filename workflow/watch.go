package workflow

import (
	"context"

	"habeas/rights"
)

// QueueChange says that requests came in or changed. Of many at once it names the latest.
type QueueChange struct{ Refs []string }

// Watch tells whoever may see the queue of every change of a request, until ctx ends or the portal closes: then the
// channel is closed. A reader who is slow gets what they missed as one change.
func (p *Portal) Watch(ctx context.Context, by rights.Actor) (<-chan QueueChange, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, err
	}
	listening, out := p.Store.Changes(), make(chan QueueChange)
	go func() {
		defer close(out)
		defer listening.Close()
		for {
			refs, err := listening.Next(ctx)
			if err != nil {
				return
			}
			select {
			case out <- QueueChange{Refs: refs}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
