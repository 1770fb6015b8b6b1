package static

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func get(t *testing.T, path string, headers map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryFileIsServedForEverUnderItsHash(t *testing.T) {
	names := Names()
	if len(names) < 6 {
		t.Fatalf("only %q are served", names)
	}
	for _, name := range names {
		r := get(t, URL(name), nil)
		a, _ := Open(name)
		if r.StatusCode != http.StatusOK || body(t, r) != string(a.Body) {
			t.Errorf("%s: status %d", name, r.StatusCode)
		}
		if got := r.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		if got := r.Header.Get("Content-Type"); got != types[filepath.Ext(name)] {
			t.Errorf("%s: Content-Type %q", name, got)
		}
	}
}

func TestAnOldAddressServesTodaysFileWithoutBeingKept(t *testing.T) {
	r := get(t, "/static/0123456789abcdef/app.css", nil)
	if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("status %d, Cache-Control %q", r.StatusCode, r.Header.Get("Cache-Control"))
	}
}

func TestWhatIsNotForBrowsersIsNotServed(t *testing.T) {
	for _, path := range []string{
		"/static/x/vendor/fetch.sh", "/static/x/vendor/SHA256SUMS", "/static/x/vendor/htmx.LICENSE",
		"/static/x/css/base.css", "/static/x/../static.go", "/static/", "/static/app.css",
	} {
		if r := get(t, path, nil); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, r.StatusCode)
		}
	}
}

func TestTextIsCompressedForWhoeverAccepts(t *testing.T) {
	a, _ := Open("app.css")
	r := get(t, URL("app.css"), map[string]string{"Accept-Encoding": "br, gzip"})
	if r.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("app.css came uncompressed")
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != string(a.Body) {
		t.Fatalf("the compressed body is another: %v", err)
	}
	for _, refused := range []string{"", "br", "gzip;q=0", "gzip; q=0.0, br"} {
		if r := get(t, URL("app.css"), map[string]string{"Accept-Encoding": refused}); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %q got %q", refused, r.Header.Get("Content-Encoding"))
		}
	}
	if font, _ := Open("vendor/source-sans-3.woff2"); font.Gzip() != nil {
		t.Error("a compressed font was compressed again")
	}
}

func TestABrowserThatHasTheFileIsToldSo(t *testing.T) {
	tag := get(t, URL("app.js"), nil).Header.Get("ETag")
	r := get(t, URL("app.js"), map[string]string{"If-None-Match": tag})
	if r.StatusCode != http.StatusNotModified || body(t, r) != "" {
		t.Fatalf("status %d", r.StatusCode)
	}
}

func TestTheStyleSheetNamesFilesByTheirHash(t *testing.T) {
	css, _ := Open("app.css")
	if !strings.Contains(string(css.Body), URL("vendor/source-sans-3.woff2")) {
		t.Error("the typeface is not named by its hash")
	}
	for _, foreign := range []string{"http:", "https:", "url(//"} {
		if strings.Contains(string(css.Body), foreign) {
			t.Errorf("the style sheet reaches out: %s", foreign)
		}
	}
}

// A page of ours, its pages' markup aside (12 kB at most), must stay under 100 kB.
func TestWhatAPageFetchesStaysSmall(t *testing.T) {
	total := 0
	for _, name := range []string{"app.css", "app.js", "vendor/htmx.js", "vendor/source-sans-3.woff2", "favicon.svg"} {
		a, _ := Open(name)
		n := len(a.Body)
		if z := a.Gzip(); z != nil {
			n = len(z)
		}
		total += n
	}
	if total > 80_000 {
		t.Errorf("a page fetches %d bytes", total)
	}
	css, _ := Open("app.css")
	t.Logf("a page fetches %d bytes; app.css is %d", total, len(css.Body))
}

func TestVendoredFilesAreAsPinned(t *testing.T) {
	f, err := os.Open("vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	listed := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		want, name, _ := strings.Cut(lines.Text(), "  ")
		listed[name] = true
		b, err := os.ReadFile(filepath.Join("vendor", name))
		if err != nil {
			t.Errorf("%v: run make vendor", err)
			continue
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not the file that was pinned: run make vendor", name)
		}
	}
	all, err := os.ReadDir("vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if name := e.Name(); name != "fetch.sh" && name != "SHA256SUMS" && !listed[name] {
			t.Errorf("%s has no checksum", name)
		}
	}
}

func TestAMisspeltNameIsFoundWhileDrawing(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("URL of a file that does not exist did not panic")
		}
	}()
	URL("app.cs")
}
