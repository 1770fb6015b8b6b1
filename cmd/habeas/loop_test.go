package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestChoreDrainsThenWaitsAndBacksOffFromErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var at []time.Duration
		steps := []struct {
			had bool
			err error
		}{{true, nil}, {true, nil}, {false, nil}, {false, errors.New("down")}, {false, errors.New("down")}, {false, nil}, {false, nil}}
		rest, stop := context.WithCancel(t.Context())
		keep(t.Context(), rest, slog.New(slog.DiscardHandler), chore{"test", 250 * time.Millisecond, func(context.Context) (bool, error) {
			n := len(at)
			at = append(at, time.Since(begun))
			if n == len(steps)-1 {
				stop()
			}
			return steps[n].had, steps[n].err
		}})
		want := []time.Duration{0, 0, 0, 250 * time.Millisecond, 1250 * time.Millisecond, 3250 * time.Millisecond, 3500 * time.Millisecond}
		for i := range want {
			if at[i] != want[i] {
				t.Fatalf("steps at %v, want %v", at, want)
			}
		}
	})
}

func TestCrewLetsARunningStepEndAndThenInterruptsIt(t *testing.T) {
	for _, row := range []struct {
		why         string
		takes       time.Duration
		interrupted bool
	}{
		{"a step that ends in time", 5 * time.Second, false},
		{"one that does not", time.Hour, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var cut bool
			begun := make(chan bool)
			crew := startCrew(slog.New(slog.DiscardHandler), []chore{{"test", time.Second, func(ctx context.Context) (bool, error) {
				close(begun)
				select {
				case <-ctx.Done():
					cut = true
				case <-time.After(row.takes):
				}
				return false, ctx.Err()
			}}})
			<-begun
			last, cancel := context.WithTimeout(t.Context(), graceful)
			defer cancel()
			crew.stop(last)
			if cut != row.interrupted {
				t.Errorf("%s: interrupted %t", row.why, cut)
			}
		})
	}
}

func TestNotesAreAppendedOnceEach(t *testing.T) {
	file := filepath.Join(t.TempDir(), "checkpoints.txt")
	for _, note := range []string{"habeas\n1\nAAA=\n", "habeas\n1\nAAA=\n", "habeas\n2\nBBB=\n", "habeas\n2\nBBB=\n"} {
		if err := appendNote(file, []byte(note)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "habeas\n1\nAAA=\n\nhabeas\n2\nBBB=\n" {
		t.Errorf("%q, %v", text, err)
	}
	err = appendNote(filepath.Join(file, "inside"), []byte("x"))
	if err == nil || !strings.Contains(err.Error(), "audit.checkpoints.file cannot be") {
		t.Errorf("a place that cannot be written: %v", err)
	}
}
