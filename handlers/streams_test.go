package handlers

import (
	"fmt"
	"testing"
)

func TestThePortalHoldsTwoHundredStreams(t *testing.T) {
	var l streams
	for i := range streamsInAll {
		if !l.enter(fmt.Sprint("staff ", i)) {
			t.Fatalf("stream %d was refused", i+1)
		}
	}
	if l.enter("one more") {
		t.Error("one more was let in")
	}
	l.leave("staff 7")
	if !l.enter("one more") || l.enter("staff 7") {
		t.Error("the place that was left is not the one that is taken")
	}
	for i := range streamsInAll {
		if i != 7 {
			l.leave(fmt.Sprint("staff ", i))
		}
	}
	if l.leave("one more"); l.all != 0 || len(l.of) != 0 {
		t.Errorf("%d streams of %d members of the team are still counted", l.all, len(l.of))
	}
}
