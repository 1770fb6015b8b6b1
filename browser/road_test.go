package browser

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"testing"
)

// The roads that people of every kind go, in either language, with scripts and without.

// signsIn confirms a mailbox by the code of the letter.
func (v *visitor) signsIn(address string) *mailbox {
	v.t.Helper()
	box := mailboxOf(v.t, address)
	v.open("/")
	v.fill(v.T("start.email"), address)
	v.press(v.T("start.go"))
	v.sees(v.T("verify.title"))
	v.fill(v.T("code.label"), box.next(v.T("letters.sign_in_code.title")).code(v.t))
	v.press(v.T("verify.go"))
	return box
}

// signsInAs takes the demo's short cut, for staff too.
func (v *visitor) signsInAs(address string) *mailbox {
	v.t.Helper()
	box := mailboxOf(v.t, address)
	v.open("/dev?lang=" + v.lang)
	v.press("[name=as][value='" + address + "'] + button")
	return box
}

// downloads asks for a copy, waits for it and returns the reference and the file.
func (v *visitor) downloads() (ref, file string) {
	v.t.Helper()
	v.press(v.T("acts.export"))
	v.shot("export-" + v.lang)
	v.press(v.T("export.go"))
	ref = refShape.FindString(v.path())
	v.sees(v.T("package.ready.title"))
	v.shot("package-" + v.lang)
	return ref, v.saves("[href$='/package.zip']")
}

// wholePackage opens a downloaded file and checks every sum of its manifest.
func wholePackage(t *testing.T, file string) map[string][]byte {
	t.Helper()
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	info, err := text.Stat()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(text, info.Size())
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	var manifest struct {
		Files []struct {
			Path, SHA256 string
			Bytes        int
		}
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatalf("manifest.json: %v", err)
	}
	if len(manifest.Files) != len(files)-1 {
		t.Errorf("the manifest lists %d files; there are %d besides it", len(manifest.Files), len(files)-1)
	}
	for _, f := range manifest.Files {
		sum := sha256.Sum256(files[f.Path])
		if hex.EncodeToString(sum[:]) != f.SHA256 || len(files[f.Path]) != f.Bytes {
			t.Errorf("%s is not what the manifest says", f.Path)
		}
	}
	return files
}

// corrects goes to the one field of the account that carries a label, and changes it.
func (v *visitor) corrects(label, to, reason string) (ref string) {
	v.t.Helper()
	act := v.T("data.correct")
	if reason != "" {
		act = v.T("data.ask_correct")
	}
	v.open("/data")
	v.press(act + " " + label)
	v.fill(v.T("correct.new"), to)
	if reason != "" {
		v.fill(v.T("correct.reason"), reason)
	}
	v.press(v.T("correct.check"))
	v.sees(v.T("correct.check.title"), v.T("correct.now"), v.T("correct.then"), to)
	v.shot("correct-check-" + v.lang)
	if reason == "" {
		v.press(v.T("correct.write"))
		v.sees(v.T("done.corrected.title"))
	} else {
		v.press(v.T("correct.send"))
		v.sees(v.T("done.correct_asked.title"))
	}
	v.shot("correct-done-" + v.lang)
	return refShape.FindString(v.path())
}

// finds looks a request up in the queue by its reference.
func (v *visitor) finds(ref string) {
	v.t.Helper()
	v.open("/staff/queue")
	v.fill(v.T("queue.find"), ref)
	v.press(v.T("queue.filter"))
	v.at("/staff/requests/" + ref)
}

// decides opens one of the acts of a request, goes on to its letter, puts words into it and sends it.
func (v *visitor) decides(act, ground, words string) {
	v.t.Helper()
	if !get[bool](v, "(form) => document.querySelector(form).checkVisibility()", "form[action$='/"+act+"']") {
		v.click(v.T("act." + act))
	}
	if ground != "" {
		v.choose(act+"-ground", ground)
	}
	v.press(v.T("act.letter"))
	v.sees(v.T("check."+act+".title"), v.T("check.final"))
	if words != "" {
		v.fill(get[string](v, "() => document.querySelector('label[for=text]').textContent"), words)
	}
	v.press(v.T("check." + act + ".go"))
	v.sees(v.T("desk.done." + act))
}
