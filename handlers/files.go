package handlers

import (
	"errors"
	"hash/fnv"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// fileRoutes are the posts that may bring files, and so more than any other form. Each takes the same form without files
// as plain fields, too.
var fileRoutes = regexp.MustCompile(`^(/requests/[^/]+/messages|/staff/requests/[^/]+/(message|files|mandate-files|tasks/[^/]+))$`)

const (
	maxUpload  = workflow.MaxFiles*workflow.MaxFile + maxForm // bytes of a form with files
	uploadTime = 3 * time.Minute                              // for that much from a telephone
	uploads    = 4                                            // forms with files that are read at once: each is in memory whole
)

// uploading has a place for each form with files that is being read.
var uploading = make(chan struct{}, uploads)

// turns let each person send one such form at a time, however many browsers they have: whoever sends slowly holds one place,
// and not all. A few people share a turn.
var turns = func() (out [64]chan struct{}) {
	for i := range out {
		out[i] = make(chan struct{}, 1)
	}
	return out
}()

// turnOf is the turn of whoever has that ID.
func turnOf(id string) chan struct{} {
	h := fnv.New32a()
	h.Write([]byte(id)) // which never fails
	return turns[h.Sum32()%uint32(len(turns))]
}

func takesFiles(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") && fileRoutes.MatchString(r.URL.Path)
}

// patient gives an upload the time that it takes; every other request keeps the server's.
func (s *server) patient(w http.ResponseWriter) error {
	until := s.Now().Add(uploadTime)
	rc := http.NewResponseController(w)
	for _, set := range []func(time.Time) error{rc.SetReadDeadline, rc.SetWriteDeadline} {
		if err := set(until); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
	}
	return nil
}

// readParts reads a form with files part by part, into memory and never onto the disk, where it would lie unsealed. A file
// is read up to one byte more than is taken, so that its size can be refused with words.
func readParts(r *http.Request, from rights.Actor) (url.Values, []workflow.Upload, error) {
	for _, place := range []chan struct{}{turnOf(from.ID), uploading} {
		select {
		case place <- struct{}{}:
			defer func() { <-place }()
		case <-r.Context().Done():
			return nil, nil, r.Context().Err()
		}
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, err
	}
	values, files, room := url.Values{}, []workflow.Upload(nil), int64(maxForm)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, files, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if isFile(part) {
			body, err := io.ReadAll(io.LimitReader(part, workflow.MaxFile+1))
			if err != nil {
				return nil, nil, err
			}
			if name := part.FileName(); name != "" || len(body) > 0 { // else no file was chosen
				files = append(files, workflow.Upload{Name: name, Body: body})
			}
			if len(files) > workflow.MaxFiles {
				return values, files, nil // more than are taken: the rest need not be read to say so
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, room+1))
		if err != nil {
			return nil, nil, err
		}
		if room -= int64(len(part.FormName()) + len("=&") + len(text)); room < 0 { // as in a form without files
			return nil, nil, &http.MaxBytesError{Limit: maxForm}
		}
		values.Add(part.FormName(), string(text))
	}
}

// isFile tells a file from a field: by the name it has, even an empty one.
func isFile(part *multipart.Part) bool {
	return part.FormName() == "files" || strings.Contains(part.Header.Get("Content-Disposition"), "filename")
}

// file hands a person a file of their own request.
func (s *server) file(c echo.Context) error {
	f, body, err := s.portal.File(c.Request().Context(), visitOf(c).actor, c.Param("ref"), c.Param("id"))
	if err != nil {
		return err
	}
	return attachment(c, f, body)
}

// deskFile hands a member of staff a file of a request.
func (s *server) deskFile(c echo.Context) error {
	f, body, err := s.portal.DeskFile(c.Request().Context(), visitOf(c).actor, c.Param("ref"), c.Param("id"))
	if err != nil {
		return err
	}
	return attachment(c, f, body)
}

// attachment sends a file to be saved and never to be shown: of exactly its type, sandboxed if a browser should show it
// after all (security.md 9). The name goes as RFC 6266 and RFC 8187 write it.
func attachment(c echo.Context, f rights.File, body []byte) error {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Content-Disposition", `attachment; filename="`+plainName(f.Name)+`"; filename*=UTF-8''`+strings.ReplaceAll(url.QueryEscape(f.Name), "+", "%20"))
	return c.Blob(http.StatusOK, f.Type, body)
}

// plainName is a name for what does not know filename*.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= utf8.RuneSelf || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
}

// fileLines are links to files below that address.
func fileLines(lang, at string, files []rights.File) []views.FileLine {
	var out []views.FileLine
	for _, f := range files {
		out = append(out, views.FileLine{
			Name: f.Name, Href: at + "/files/" + f.ID, Private: f.Private,
			About: locale.T(lang, "file.type."+strings.NewReplacer("/", "_").Replace(f.Type)) + " · " + locale.Bytes(lang, int64(f.Bytes)),
		})
	}
	return out
}
