package handlers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"habeas/rights"
)

// Whoever sends many files slowly, from as many browsers as they like, waits for themselves: nobody else waits for them.
func TestASlowUploadHoldsUpNobodyElse(t *testing.T) {
	s := newPortal(t)
	other := s.customer(wenbo)
	theirs := "/requests/" + other.ask(rights.Objection, "Stop.")
	var slow []*browser
	for range 3 { // as many mails as an address gets at once
		b := s.customer(marta)
		slow = append(slow, b, &browser{site: s, cookies: map[string]string{"habeas": b.cookies["habeas"]}, language: "en", peer: b.peer})
	}
	ref := slow[4].ask(rights.Objection, "Stop.")
	var all sync.WaitGroup
	var ends []*io.PipeWriter
	for _, b := range slow {
		from, to := io.Pipe()
		ends = append(ends, to)
		r := httptest.NewRequest(http.MethodPost, base+"/requests/"+ref+"/messages", from)
		r.Header.Set("Content-Type", form+"x")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		all.Go(func() { b.do(r) })
	}
	time.Sleep(100 * time.Millisecond) // for them to take their places
	done := make(chan reply)
	go func() { done <- other.send(theirs+"/messages", []upload{{"a.pdf", aPDF}}, "text", "See this") }()
	select {
	case r := <-done:
		r.wantAt(t, theirs+"#messages")
	case <-time.After(5 * time.Second):
		t.Error("they wait for somebody else's files")
	}
	for _, end := range ends {
		end.CloseWithError(io.ErrUnexpectedEOF)
	}
	all.Wait()
}
