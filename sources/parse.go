package sources

import (
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Bounds of a map file: far above any real one, low enough that a hostile one costs nothing.
const (
	maxMapBytes = 8 << 20
	maxMapNodes = 500_000
	maxMapDepth = 64
)

// readMap reads the data map in the file, for the source of that key. The faults are all of those that can be seen
// without reaching the source and without the other maps; the datasets are as good as they allow.
func readMap(source, file string) ([]*Dataset, Faults) {
	f, err := os.Open(file)
	if err != nil {
		return nil, Faults{place{file, 1}.fault("the data map cannot be read (%v): check the path of the source's dataset", errors.Unwrap(err))}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxMapBytes+1))
	if err != nil {
		return nil, Faults{place{file, 1}.fault("the data map cannot be read: %v", err)}
	}
	return ParseMap(source, file, text)
}

// ParseMap is readMap on text already read; file only names it in faults.
func ParseMap(source, file string, text []byte) ([]*Dataset, Faults) {
	p := &parser{file: file, source: source, known: Categories}
	if len(text) > maxMapBytes {
		p.faults = append(p.faults, place{file, 1}.fault("the data map is larger than %d MiB: split it by source", maxMapBytes>>20))
		return nil, p.faults
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		p.faults = append(p.faults, place{file, yamlLine(err)}.fault("not valid YAML (%s): check indentation, brackets and quotes around here", yamlMessage(err)))
		return nil, p.faults
	}
	datasets := p.document(&doc)
	p.faults.sort()
	return datasets, p.faults
}

// parser turns YAML nodes into datasets. It never stops at a fault: engineers want all of them at once.
type parser struct {
	file   string
	source string
	faults Faults
	nodes  int
	known  []string // categories: the default taxonomy and those the file itself defines
}

func (p *parser) at(n *yaml.Node) place { return place{p.file, n.Line} }

func (p *parser) fault(n *yaml.Node, format string, args ...any) {
	p.faults = append(p.faults, p.at(n).fault(format, args...))
}

// keys is what a mapping may hold: a reader for each key. A nil reader accepts the key and ignores it, as fideslang
// and Fides know keys that mean nothing here.
type keys map[string]func(*yaml.Node)

// ignored returns readers that accept and ignore the named keys, added to those of k.
func (k keys) ignored(names ...string) keys {
	for _, n := range names {
		k[n] = nil
	}
	return k
}

// mapping reads n as a mapping of what, key by key.
func (p *parser) mapping(n *yaml.Node, what string, depth int, known keys) {
	n, ok := p.resolve(n, depth)
	if !ok || isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		p.fault(n, "%s must be a mapping of keys to values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, isKnown := known[key.Value]
		switch {
		case seen[key.Value]:
			p.fault(key, "%s says %q twice: remove one", what, key.Value)
		case !isKnown:
			p.fault(key, "unknown key %q in %s%s Remove it, or put your own notes under meta or description", key.Value, what, orStop(meant(key.Value, sortedKeys(known))))
		case read != nil:
			read(value)
		}
		seen[key.Value] = true
	}
}

// list calls each for every item of the list n. A missing list is empty.
func (p *parser) list(n *yaml.Node, what string, depth int, each func(*yaml.Node)) {
	n, ok := p.resolve(n, depth)
	if !ok || isNull(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		p.fault(n, "%s must be a list: begin each item with a hyphen", what)
		return
	}
	for _, item := range n.Content {
		each(item)
	}
}

// resolve follows aliases and counts nodes, so that neither a cyclic alias nor a bomb of them gets far.
func (p *parser) resolve(n *yaml.Node, depth int) (*yaml.Node, bool) {
	p.nodes++
	if p.nodes == maxMapNodes || depth > maxMapDepth {
		p.fault(n, "the data map is nested or repeated too much: write it without aliases to itself")
		p.nodes = maxMapNodes
	}
	if p.nodes > maxMapNodes || depth > maxMapDepth {
		return n, false
	}
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return p.resolve(n.Alias, depth+1)
	}
	return n, true
}

// str reads a scalar as text.
func (p *parser) str(what string, depth int, into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n, ok := p.resolve(n, depth)
		if !ok || isNull(n) {
			return
		}
		if n.Kind != yaml.ScalarNode {
			p.fault(n, "%s must be plain text", what)
			return
		}
		*into = n.Value
	}
}

// boolean reads true or false. set, if not nil, says that it was there.
func (p *parser) boolean(what string, into *bool, set *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		p.str(what, 1, &s)(n)
		switch strings.ToLower(s) {
		case "":
			return
		case "true", "yes", "on":
			*into = true
		case "false", "no", "off":
			*into = false
		default:
			p.fault(n, "%s is %q: write true or false", what, s)
			return
		}
		if set != nil {
			*set = true
		}
	}
}

// strings reads a list of texts; a single text is a list of one.
func (p *parser) strings(what string, into *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r, ok := p.resolve(n, 1); ok && r.Kind == yaml.ScalarNode && !isNull(r) {
			*into = append(*into, r.Value)
			return
		}
		p.list(n, what, 1, func(item *yaml.Node) {
			var s string
			p.str(what, 1, &s)(item)
			if s != "" {
				*into = append(*into, s)
			}
		})
	}
}

// categories reads data_categories, each of which must be of the taxonomy.
func (p *parser) categories(into *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p.list(n, "data_categories", 1, func(item *yaml.Node) {
			var c string
			p.str("a data category", 1, &c)(item)
			switch {
			case c == "":
			case !slices.Contains(p.known, c):
				p.fault(item, "unknown data category %q%s Use a key of the fideslang taxonomy (sources/taxonomy.txt lists them)", c, orStop(meant(c, p.known)))
			case slices.Contains(*into, c):
			default:
				*into = append(*into, c)
			}
		})
	}
}

// oneOf reads a scalar that must be one of known, however its case, blanks and hyphens.
func (p *parser) oneOf(what string, known []string, into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		p.str(what, 1, &s)(n)
		if s == "" {
			return
		}
		word := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(s)))
		if !slices.Contains(known, word) {
			p.fault(n, "%s is %q%s Write one of %s", what, s, orStop(meant(word, known)), strings.Join(known, ", "))
			return
		}
		*into = word
	}
}

// text reads a Text: a plain string or a mapping of language to string.
func (p *parser) text(what string, into *Text) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n, ok := p.resolve(n, 1)
		if !ok || isNull(n) {
			return
		}
		switch n.Kind {
		case yaml.ScalarNode:
			*into = Text{"": n.Value}
		case yaml.MappingNode:
			t := Text{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				var s string
				p.str(what, 1, &s)(n.Content[i+1])
				if !languageTag.MatchString(n.Content[i].Value) {
					p.fault(n.Content[i], "%s has %q where a language tag belongs: write en, zh-CN, …", what, n.Content[i].Value)
					continue
				}
				t[n.Content[i].Value] = s
			}
			*into = t
		default:
			p.fault(n, "%s must be plain text, or a mapping of language to text", what)
		}
	}
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// orStop ends a sentence: with the suggestion, if there is one, else with a full stop.
func orStop(suggestion string) string {
	if suggestion == "" {
		return "."
	}
	return suggestion
}

func sortedKeys(k keys) []string {
	out := make([]string, 0, len(k))
	for name := range k {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

var lineOf = regexp.MustCompile(`line (\d+)`)

func yamlLine(err error) int {
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits by the expression; out of range is line 1
		return max(n, 1)
	}
	return 1
}

func yamlMessage(err error) string {
	s := strings.TrimPrefix(err.Error(), "yaml: ")
	if i := strings.Index(s, ": "); i >= 0 && strings.HasPrefix(s, "line ") {
		s = s[i+2:]
	}
	return s
}
