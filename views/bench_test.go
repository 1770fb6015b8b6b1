package views

import (
	"bytes"
	"context"
	"testing"

	"habeas/locale"
)

// BenchmarkData draws the page that people open most.
func BenchmarkData(b *testing.B) {
	for _, lang := range locale.Languages {
		b.Run(lang, func(b *testing.B) {
			ctx := With(context.Background(), Page{Lang: lang, Path: "/data", Brand: "Harbour & Home", SignedInAs: "lin.qing@example.com", Active: "data"})
			page := Data(exampleData(lang))
			var buf bytes.Buffer
			b.ReportAllocs()
			for b.Loop() {
				buf.Reset()
				if err := page.Render(ctx, &buf); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(buf.Len()))
		})
	}
}
