package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"habeas/locale"
	"habeas/sources"
)

// document reads YAML key by key. It never stops at a fault: whoever mends a file wants all of them at once.
type document struct {
	file   string
	faults sources.Faults
}

// keys says how each key of a mapping is read.
type keys map[string]func(*yaml.Node)

// readYAML parses a file to its top node, or says at which line it cannot.
func readYAML(file string) (*yaml.Node, *document) {
	d := &document{file: file}
	top := &yaml.Node{Kind: yaml.MappingNode, Line: 1}
	text, err := os.ReadFile(file)
	if err != nil {
		d.fault(top, "the configuration cannot be read (%v): check the path after --config", cause(err))
		return nil, d
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		top.Line = yamlLine(err)
		d.fault(top, "not valid YAML (%s): check indentation and quotes", yamlMessage(err))
		return nil, d
	}
	if len(doc.Content) == 0 {
		return top, d
	}
	return doc.Content[0], d
}

func (d *document) fault(n *yaml.Node, format string, args ...any) {
	d.faults = append(d.faults, sources.Fault{File: d.file, Line: n.Line, Message: fmt.Sprintf(format, args...)})
}

// mapping reads n as a mapping whose every key is known, and misses the required ones.
func (d *document) mapping(n *yaml.Node, what string, known keys, required ...string) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		d.fault(n, "%s must be a mapping of keys to values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		read, ok := known[key.Value]
		switch {
		case seen[key.Value]:
			d.fault(key, "%s says %s twice: remove one", what, key.Value)
		case !ok:
			d.fault(key, "%s has no key %q%s", what, key.Value, meant(key.Value, sorted(known)))
		case isEmpty(value):
			if !slices.Contains(required, key.Value) { // a required one is said to be missing below
				d.fault(key, "%s is empty: give it a value or remove it", key.Value)
			}
			continue
		default:
			read(value)
		}
		seen[key.Value] = true
	}
	for _, key := range required {
		if !seen[key] {
			d.fault(n, "%s lacks %s", what, key)
		}
	}
}

// list calls each for every item of n.
func (d *document) list(n *yaml.Node, what string, each func(*yaml.Node)) {
	if n = resolve(n); n.Kind != yaml.SequenceNode {
		d.fault(n, "%s must be a list: begin each item with a hyphen", what)
		return
	}
	for _, item := range n.Content {
		each(resolve(item))
	}
}

// text reads plain text; check, if given, says what is wrong with it.
func (d *document) text(what string, into *string, check ...func(string) error) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || isEmpty(n) {
			d.fault(n, "%s must be plain text", what)
			return
		}
		value := strings.TrimSpace(n.Value)
		for _, ok := range check {
			if err := ok(value); err != nil {
				d.fault(n, "%s: %v", what, err)
				return
			}
		}
		*into = value
	}
}

// parsed reads a scalar with a parser of its own.
func parsed[T any](d *document, what string, into *T, parse func(string) (T, error)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		d.text(what, &s)(n)
		if s == "" {
			return
		}
		value, err := parse(s)
		if err != nil {
			d.fault(n, "%s: %v", what, err)
			return
		}
		*into = value
	}
}

// words reads a text in every configured language: a mapping of language to text, or one text for all. Texts in further
// languages wait for their day.
func (d *document) words(what string, languages []string, into *map[string]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		out := map[string]string{}
		*into = out
		if n.Kind == yaml.ScalarNode {
			for _, lang := range languages {
				out[lang] = n.Value
			}
			return
		}
		known := keys{}
		for _, lang := range locale.Languages {
			known[lang] = func(n *yaml.Node) {
				var s string
				d.text(what+" in "+lang, &s)(n)
				out[lang] = s
			}
		}
		d.mapping(n, what, known, languages...)
	}
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || strings.TrimSpace(n.Value) == "")
}

func sorted(known keys) []string {
	out := make([]string, 0, len(known))
	for name := range known {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// meant ends the sentence about an unknown word: with the known one that is nearest, if one is near, else with all.
func meant(word string, known []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if strings.HasPrefix(k, word) {
			best, least = k, 0
		} else if d := edits(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf(": did you mean %s?", best)
	}
	return ": write one of " + strings.Join(known, ", ")
}

// edits is the number of single-letter changes between a and b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			step := diagonal
			if a[i] != b[j] {
				step = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], step
		}
	}
	return row[len(b)]
}

var lineOf = regexp.MustCompile(`line (\d+): `)

func yamlLine(err error) int {
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			return n
		}
	}
	return 1
}

func yamlMessage(err error) string {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if at := lineOf.FindStringIndex(message); at != nil {
		message = message[at[1]:]
	}
	return strings.ReplaceAll(message, "\n", "; ")
}
