package workflow_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"habeas/rights"
	"habeas/workflow"
)

var (
	aPDF  = []byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n")
	aJPEG = drawn(func(b *bytes.Buffer) error { return jpeg.Encode(b, image.NewGray(image.Rect(0, 0, 8, 8)), nil) })
	aPNG  = drawn(func(b *bytes.Buffer) error { return png.Encode(b, image.NewGray(image.Rect(0, 0, 8, 8))) })
	aZip  = drawn(func(b *bytes.Buffer) error {
		w := zip.NewWriter(b)
		if _, err := w.Create("evil.html"); err != nil {
			return err
		}
		return w.Close()
	})
)

func drawn(draw func(*bytes.Buffer) error) []byte {
	var b bytes.Buffer
	if err := draw(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// vast is a PNG whose header says that it is that large.
func vast(width, height uint32) []byte {
	b := bytes.Clone(aPNG)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestAFileIsWhatIsInItOrIsRefused(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	ref := h.filed(by)
	commented := bytes.Clone(aZip) // with a PDF's end as its comment
	binary.LittleEndian.PutUint16(commented[len(commented)-2:], 6)
	for _, c := range []struct {
		sentence string
		body     []byte
		want     string // the type, or the fault
	}{
		{"a PDF", aPDF, "application/pdf"},
		{"a PDF that was added to", join(aPDF, []byte("2 0 obj<<>>endobj\n%%EOF\r\n")), "application/pdf"},
		{"a JPEG", aJPEG, "image/jpeg"},
		{"a JPEG with what a camera adds", join(aJPEG, []byte("camera notes")), "image/jpeg"},
		{"a PNG", aPNG, "image/png"},
		{"nothing", nil, "files.error.type"},
		{"text", []byte("Hello"), "files.error.type"},
		{"a page", []byte("<!doctype html><script>alert(1)</script>"), "files.error.type"},
		{"a GIF", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "files.error.type"},
		{"a picture that is a script", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "files.error.type"},
		{"a program", []byte("MZ\x90\x00\x03"), "files.error.type"},
		{"a ZIP", aZip, "files.error.type"},
		{"a ZIP behind a PDF", join(aPDF, aZip), "files.error.type"},
		{"a ZIP behind a PDF that ends as one", join(aPDF, commented, []byte("%%EOF\n")), "files.error.type"},
		{"a ZIP behind a JPEG", join(aJPEG, aZip), "files.error.type"},
		{"a ZIP behind a PNG", join(aPNG, aZip), "files.error.type"},
		{"junk before a PDF", join([]byte("junk\n"), aPDF), "files.error.type"},
		{"a page behind a PDF", join(aPDF, []byte("<script>alert(1)</script>")), "files.error.type"},
		{"a PDF without an end", aPDF[:20], "files.error.type"},
		{"a PDF of no version", []byte("%PDF-x.7\n%%EOF"), "files.error.type"},
		{"a PDF in a JPEG", join(aJPEG[:2], []byte("\xff\xfe\x00\x0a%PDF-1.7"), aJPEG[2:]), "files.error.type"},
		{"the head of a JPEG alone", []byte("\xff\xd8\xff\xe0"), "files.error.type"},
		{"the head of a PNG alone", aPNG[:8], "files.error.type"},
		{"a PNG cut short", aPNG[:len(aPNG)-4], "files.error.type"},
		{"more behind a PNG", join(aPNG, []byte("x")), "files.error.type"},
		{"fifty million points", vast(5000, 10000), "image/png"},
		{"more points than anybody can unfold", vast(5001, 10000), "files.error.type"},
		{"points beyond counting", vast(1<<31-1, 1<<31-1), "files.error.type"},
		{"a PDF of five megabytes and a byte", join(aPDF[:len(aPDF)-6], bytes.Repeat([]byte(" "), workflow.MaxFile-len(aPDF)+1), aPDF[len(aPDF)-6:]), "files.error.large"},
	} {
		err := h.Say(t.Context(), by, ref, "", workflow.Upload{Name: "x", Body: c.body})
		d, readErr := h.Portal.Request(t.Context(), by, ref)
		h.must(readErr)
		if strings.HasPrefix(c.want, "files.") {
			if fault(err) != c.want {
				t.Errorf("%s: %v, want %s", c.sentence, err, c.want)
			}
			continue
		}
		h.must(err)
		got := d.Files[len(d.Files)-1]
		if got.Type != c.want || got.Bytes != len(c.body) || len(d.FilesOf(d.Messages[len(d.Messages)-1].ID)) != 1 {
			t.Errorf("%s is %+v", c.sentence, got)
		}
		f, body, err := h.Portal.File(t.Context(), by, ref, got.ID)
		if err != nil || !bytes.Equal(body, c.body) || f.SHA256 != got.SHA256 {
			t.Errorf("%s does not come back: %v", c.sentence, err)
		}
		h.clock.Advance(time.Hour)
	}
}

func TestANameIsOnlyAName(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	ref := h.filed(by)
	for _, c := range []struct{ sent, kept string }{
		{"scan.pdf", "scan.pdf"}, {"Scan.PDF", "Scan.PDF"}, {"护照扫描件.pdf", "护照扫描件.pdf"},
		{"../../etc/passwd", "passwd.pdf"}, {`C:\Users\ann\scan.pdf`, "scan.pdf"}, {"/", "file.pdf"}, {"..", "file.pdf"}, {"", "file.pdf"},
		{".pdf", "file.pdf"}, {"evil.html", "evil.html.pdf"}, {"evil.pdf.exe", "evil.pdf.exe.pdf"}, {"photo.jpg", "photo.jpg.pdf"},
		{"a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"}, {"a\x00b.pdf", "ab.pdf"}, {"inv\u202efdp.exe", "invfdp.exe.pdf"},
		{`a"b<c>d|e?f*g.pdf`, "a_b_c_d_e_f_g.pdf"}, {"a\u200bb.pdf", "ab.pdf"}, {"con. .pdf", "con.pdf"}, {"\xff\xfe.pdf", "file.pdf"},
		{strings.Repeat("界", 200) + ".pdf", strings.Repeat("界", 96) + ".pdf"},
	} {
		h.clock.Advance(time.Hour)
		h.must(h.Say(t.Context(), by, ref, "", workflow.Upload{Name: c.sent, Body: aPDF}))
		d, err := h.Portal.Request(t.Context(), by, ref)
		h.must(err)
		if got := d.Files[len(d.Files)-1].Name; got != c.kept || utf8.RuneCountInString(got) > 100 {
			t.Errorf("%q is kept as %q, want %q", c.sent, got, c.kept)
		}
	}
}

func TestFilesHaveLimits(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	ref := h.filed(by)
	large := workflow.Upload{Name: "a.pdf", Body: join(aPDF[:len(aPDF)-6], bytes.Repeat([]byte(" "), workflow.MaxFile-len(aPDF)), aPDF[len(aPDF)-6:])}
	small := workflow.Upload{Name: "b.pdf", Body: aPDF}
	if err := h.Say(t.Context(), by, ref, "x", small, small, small, small, small, small); fault(err) != "files.error.many" {
		t.Errorf("six at once: %v", err)
	}
	h.must(h.Say(t.Context(), by, ref, "x", large, large, large, large))
	if err := h.Say(t.Context(), by, ref, "too much", small); fault(err) != "files.error.day" {
		t.Errorf("more than twenty megabytes in a day: %v", err)
	}
	d, err := h.Portal.Request(t.Context(), by, ref)
	h.must(err)
	if len(d.Files) != 4 || d.Messages[len(d.Messages)-1].Body == "too much" {
		t.Errorf("%d files, and a message without its file", len(d.Files))
	}
	h.clock.Advance(24 * time.Hour)
	by = h.again(ann)
	h.must(h.Say(t.Context(), by, ref, "x", small))
	other := h.filed(by)
	for i := range 50 {
		h.clock.Advance(time.Second)
		if err := h.Say(t.Context(), by, other, "", small, small, small, small, small); errors.Is(err, rights.ErrTooMany) {
			if i < 6 {
				t.Errorf("only %d messages with five files were taken", i)
			}
			return
		}
	}
	t.Error("a person may send files without end")
}

func TestAFileIsItsOwnPersonsAndTheTeams(t *testing.T) {
	h := open(t)
	by, other, officer := h.customer(ann), h.customer(bo), h.officer(rights.RoleOfficer)
	r, theirs := h.objection(by), h.objection(other)
	h.must(h.Say(t.Context(), by, r.Ref, "See this", workflow.Upload{Name: "a.pdf", Body: aPDF}))
	h.must(h.Reply(t.Context(), officer, r.Ref, r.Version, "And this", workflow.Upload{Name: "b.png", Body: aPNG}))
	h.must(h.AddFiles(t.Context(), officer, r.Ref, r.Version+1, false, []workflow.Upload{{Name: "c.jpg", Body: aJPEG}}))
	if err := h.AddFiles(t.Context(), officer, r.Ref, r.Version+2, true, []workflow.Upload{{Name: "c.jpg", Body: aJPEG}}); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a mandate's file where nobody acts for anybody: %v", err)
	}
	d, err := h.Portal.Request(t.Context(), by, r.Ref)
	h.must(err)
	desk := h.folder(officer, r.Ref)
	if len(d.Files) != 2 || len(desk.Files) != 3 {
		t.Fatalf("the person sees %d files, the team %d", len(d.Files), len(desk.Files))
	}
	auditor, admin := h.officer(rights.RoleAuditor), h.officer(rights.RoleAdmin)
	for i, f := range desk.Files {
		_, _, own := h.Portal.File(t.Context(), by, r.Ref, f.ID)
		if (own == nil) != (i < 2) {
			t.Errorf("the person's own, %s: %v", f.Name, own)
		}
		for who, actor := range map[string]rights.Actor{"somebody else": other, "an officer as a person": officer, "nobody": {}} {
			if _, _, err := h.Portal.File(t.Context(), actor, r.Ref, f.ID); !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("%s gets %s: %v", who, f.Name, err)
			}
		}
		if _, _, err := h.Portal.File(t.Context(), other, theirs.Ref, f.ID); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s through another's request: %v", f.Name, err)
		}
		if _, _, err := h.DeskFile(t.Context(), officer, theirs.Ref, f.ID); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s at the desk through another request: %v", f.Name, err)
		}
		for _, who := range []rights.Actor{officer, auditor, admin} {
			if _, body, err := h.DeskFile(t.Context(), who, r.Ref, f.ID); err != nil || len(body) != f.Bytes {
				t.Errorf("%s by %s: %v", f.Name, who.Role, err)
			}
		}
		if _, _, err := h.DeskFile(t.Context(), by, r.Ref, f.ID); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s at the desk by its person: %v", f.Name, err)
		}
	}
	if n := h.count(by.ID, "file.read"); n != 2+3*3 {
		t.Errorf("%d looks were written down, want %d", n, 2+3*3)
	}
	if err := h.AddFiles(t.Context(), auditor, r.Ref, r.Version+2, false, []workflow.Upload{{Name: "c.jpg", Body: aJPEG}}); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an auditor adds a file: %v", err)
	}
	if err := h.AddFiles(t.Context(), officer, r.Ref, r.Version+2, false, nil); fault(err) != "files.error.none" {
		t.Errorf("no file is added: %v", err)
	}
}
