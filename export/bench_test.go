package export_test

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"habeas/export"
	"habeas/sources"
)

// BenchmarkBuild reports the cost of a record, how a package compares to merely scanning the same records, and how far
// the heap grew above where it began. All three must stay flat from a thousand records to a hundred thousand.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			set := shop(b, sources.Options{}, customers(), many(n))
			in := input(b, set, addressA)
			building, scanning := time.Duration(1<<62), time.Duration(1<<62) // the best of N: whatever else runs only adds
			b.ResetTimer()
			stop, peak := watchHeap()
			for range b.N {
				begin := time.Now()
				result, err := export.Build(b.Context(), io.Discard, in)
				if err != nil || result.Records != n+3 {
					b.Fatalf("%d records: %v", result.Records, err)
				}
				building = min(building, time.Since(begin))
			}
			b.StopTimer()
			close(stop)
			for range b.N {
				begin := time.Now()
				scan(b, in)
				scanning = min(scanning, time.Since(begin))
			}
			b.ReportMetric(float64(building.Nanoseconds())/float64(n), "ns/record")
			b.ReportMetric(scanning.Seconds()/building.Seconds(), "of-scan")
			b.ReportMetric(float64(peak.Load())/1e6, "peak-MB")
			b.ReportMetric(0, "ns/op") // says nothing beside ns/record
		})
	}
}

func scan(b *testing.B, in export.Input) {
	_, err := in.Sources.Scan(b.Context(), in.Person, func(string) func(*sources.Collection, sources.Record) error {
		return func(*sources.Collection, sources.Record) error { return nil }
	})
	if err != nil {
		b.Fatal(err)
	}
}

// watchHeap samples how far the heap grows from now on, garbage included.
func watchHeap() (stop chan struct{}, peak *atomic.Uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	begin := m.HeapInuse
	stop, peak = make(chan struct{}), &atomic.Uint64{}
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				if m.HeapInuse > begin {
					peak.Store(max(peak.Load(), m.HeapInuse-begin))
				}
			}
		}
	}()
	return stop, peak
}

func TestAHundredThousandRecordsTakeLittleMemory(t *testing.T) {
	in := input(t, shop(t, sources.Options{}, customers(), many(100_000)), addressA)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	begin, peak := m.HeapInuse, uint64(0)
	in.Progress = func(int, int) error {
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapInuse)
		return nil
	}
	if _, err := export.Build(t.Context(), io.Discard, in); err != nil {
		t.Fatal(err)
	}
	if peak <= begin || peak-begin > 48e6 {
		t.Errorf("the heap went from %d to %d MB", begin/1e6, peak/1e6)
	}
}
