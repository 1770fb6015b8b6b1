// Package static holds the files a browser fetches: our style sheet and script, and htmx and a typeface copied from
// their makers. It gives each an address that contains the hash of its content, so that a browser may keep it for
// ever and still sees a change at once. It knows nothing of pages or of who asks.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
)

//go:embed css js vendor favicon.svg
var files embed.FS

// Prefix is the part of the site where the files live.
const Prefix = "/static/"

// bundles are files that are served as one, in this order: a page then costs one request for its style and one for its
// script, and the officers' desk one more of each.
var bundles = map[string][]string{
	"app.css": {"css/tokens.css", "css/base.css", "css/layout.css", "css/parts.css", "css/customer.css", "css/last.css"},
	"staff.css": {
		"css/staff/desk.css", "css/staff/queue.css", "css/staff/request.css", "css/staff/acts.css", "css/staff/intake.css",
		"css/staff/people.css", "css/staff/settings.css", "css/staff/dashboard.css", "css/staff/proof.css",
		"css/staff/activities.css", "css/staff/reviews.css", "css/staff/record.css", "css/staff/tasks.css", "css/staff/retention.css",
	},
	"app.js":   {"js/app.js"},
	"staff.js": {"js/queue.js", "js/live.js"},
}

// types lists what is served, by ending. A licence or a list of checksums is not.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// Asset is one file as a browser gets it.
type Asset struct {
	Type string // media type
	Hash string // of Body, hex, shortened
	Body []byte
	zip  func() []byte
}

// Gzip returns Body compressed, or nil where that saves nothing. The work is done once.
func (a *Asset) Gzip() []byte { return a.zip() }

// URL returns the address of the named file: URL("app.css") is "/static/HASH/app.css". A name that does not exist is
// a mistake in a template, which every rendering test would meet: it panics.
func URL(name string) string {
	u, ok := loaded().urls[name]
	if !ok {
		panic(fmt.Sprintf("static: there is no %q", name))
	}
	return u
}

// Open returns the named file.
func Open(name string) (*Asset, bool) {
	a, ok := loaded().assets[name]
	return a, ok
}

// Names lists every name that Open and URL know, in no order.
func Names() []string {
	var out []string
	for name := range loaded().assets {
		out = append(out, name)
	}
	return out
}

// Handler serves everything below Prefix. Mount it outside sessions: nothing here depends on who asks.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	a, ok := Open(name)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	// An address from before an upgrade gets today's file, but must not be kept under yesterday's hash.
	keep := "no-cache"
	if hash == a.Hash {
		keep = "public, max-age=31536000, immutable" // RFC 8246
	}
	h.Set("Cache-Control", keep)
	body, tag := a.Body, a.Hash
	if z := a.Gzip(); z != nil && acceptsGzip(r) {
		body, tag = z, a.Hash+"-gz" // RFC 9110 8.8.3.3: another coding is another representation
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	if strings.Contains(r.Header.Get("If-None-Match"), `"`+tag+`"`) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader went away: nobody is left to tell
	}
}

var refusesGzip = regexp.MustCompile(`gzip\s*;\s*q=0(\.0*)?\s*(,|$)`)

func acceptsGzip(r *http.Request) bool {
	accept := r.Header.Get("Accept-Encoding")
	return strings.Contains(accept, "gzip") && !refusesGzip.MatchString(accept)
}

type shelf struct {
	assets map[string]*Asset
	urls   map[string]string
}

// loaded reads and hashes everything at first use, so that a command that shows no page pays nothing.
var loaded = sync.OnceValue(func() *shelf {
	s := &shelf{assets: map[string]*Asset{}, urls: map[string]string{}}
	must(fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || types[path.Ext(name)] == "" || inBundle(name) {
			return err
		}
		body, err := files.ReadFile(name)
		s.add(name, body)
		return err
	}))
	for name, parts := range bundles { // last: style sheets name other files by their address
		var all []byte
		for _, part := range parts {
			body, err := files.ReadFile(part)
			must(err)
			all = append(all, body...)
		}
		s.add(name, s.resolve(all))
	}
	return s
})

func (s *shelf) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	a := &Asset{Type: types[path.Ext(name)], Hash: hex.EncodeToString(sum[:8]), Body: body}
	a.zip = sync.OnceValue(func() []byte { return compress(body) })
	s.assets[name], s.urls[name] = a, Prefix+a.Hash+"/"+name
}

var reference = regexp.MustCompile(`url\("/static/([^"]+)"\)`)

// resolve turns url("/static/NAME") in a style sheet into the address with its hash.
func (s *shelf) resolve(css []byte) []byte {
	return reference.ReplaceAllFunc(css, func(match []byte) []byte {
		name := string(reference.FindSubmatch(match)[1])
		if s.urls[name] == "" {
			panic(fmt.Sprintf("static: a style sheet names %q, which does not exist", name))
		}
		return []byte(`url("` + s.urls[name] + `")`)
	})
}

func inBundle(name string) bool {
	for _, parts := range bundles {
		for _, part := range parts {
			if part == name {
				return true
			}
		}
	}
	return false
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	must(err)
	_, err = w.Write(body)
	must(err)
	must(w.Close())
	if b.Len() >= len(body)*9/10 {
		return nil
	}
	return b.Bytes()
}

// must stops on faults that only a broken build can have: everything here is embedded, and a test opens it all.
func must(err error) {
	if err != nil {
		panic("static: " + err.Error())
	}
}
