package sources_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"habeas/sources"
)

// big is the shop with so many orders of one customer, and as many of another.
func big(b *testing.B, n int) (*sources.Set, sources.Person) {
	b.Helper()
	configs := shopConfigs(b)
	execute(b, configs[0].DSN, `WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n LIMIT ?1)
		INSERT INTO orders (id, customer_id, placed, note) SELECT i, 1 + i % 2, '2026-01-01 00:00:00', 'a note of the usual length ' || i FROM n`, 2*n)
	set := open(b, configs...)
	return set, person(b, set, "ann@example.com")
}

var sizes = []int{1_000, 10_000, 100_000}

func BenchmarkScan(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			set, p := big(b, n)
			records := 0
			b.ReportAllocs()
			for b.Loop() {
				var n atomic.Int64
				if _, err := set.Scan(b.Context(), p, each(func(*sources.Collection, sources.Record) error {
					n.Add(1)
					return nil
				})); err != nil {
					b.Fatal(err)
				}
				records = int(n.Load())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
		})
	}
}

func BenchmarkOverview(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			set, p := big(b, n)
			b.ReportAllocs()
			for b.Loop() {
				overview(b, set, p)
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			set, p := big(b, n)
			after := fmt.Sprint(1000 + n)
			for b.Loop() {
				if _, _, err := set.Page(b.Context(), p, "shop", "orders", after, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
