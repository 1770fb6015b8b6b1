package export

import (
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// names gives files their names: none leaves its directory, none clashes with another on any file system, none is one
// that Windows reserves.
type names map[string]string

// longest is how many bytes of a key stay in a name.
const longest = 80

// reserved are names of devices on Windows, whatever follows the first dot.
const reserved = " con prn aux nul com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 "

// of returns the name for a key within a directory, always the same one for the same key.
func (n names) of(dir, key string) string {
	id := dir + "\x00" + key
	if name, ok := n[id]; ok {
		return name
	}
	name := safe(key)
	for i := 2; ; i++ {
		taken := dir + "/" + strings.ToLower(name) // file systems of macOS and Windows ignore case
		if _, clash := n[taken]; !clash {
			n[taken], n[id] = name, name
			return name
		}
		name = safe(key) + "-" + strconv.Itoa(i)
	}
}

// safe keeps letters, digits, hyphens, underscores and inner dots.
func safe(key string) string {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, key)
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "")
	}
	name = strings.Trim(name, ".")
	first, _, _ := strings.Cut(strings.ToLower(name), ".")
	if name == "" || strings.Contains(reserved, " "+first+" ") {
		name = "_" + name
	}
	return name
}

// tableNames are the paths of a collection's files.
type tableNames struct{ data, schema, pages string }

func (n names) table(source, collection string) tableNames {
	dir := n.of("", source)
	stem := dir + "/" + n.of(dir, collection)
	return tableNames{data: "data/" + stem, schema: "schema/" + stem + ".json", pages: "pages/" + stem}
}

// page numbers all pages but the first, after a tilde, which no name of a collection has.
func (n tableNames) page(page int) string {
	if page == 1 {
		return n.pages + ".html"
	}
	return n.pages + "~" + strconv.Itoa(page) + ".html"
}

func base(name string) string { return url.PathEscape(path.Base(name)) }

// href is the address of a file of the package as its index links it.
func href(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}
