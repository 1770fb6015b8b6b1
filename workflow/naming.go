package workflow

import (
	"strings"
	"unicode"

	"habeas/rights"
	"habeas/sources"
)

// FieldLabel is what the data map calls the field of a correction in that language.
func (p *Portal) FieldLabel(c rights.Correction, language string) string {
	collection := p.Sources.Collection(c.Source, c.Collection)
	if collection == nil {
		return c.Field // the map has changed since
	}
	field := collection.Field(c.Field)
	if field == nil {
		return c.Field
	}
	return FieldName(field, language)
}

// FieldName is what a field is called: by its label, else by its name, made readable.
func FieldName(f *sources.Field, language string) string {
	if label := f.Label.In(language); label != "" {
		return label
	}
	return readable(f.Name)
}

// CollectionLabel is what the data map calls a collection in that language.
func (p *Portal) CollectionLabel(source, name, language string) string {
	c := p.Sources.Collection(source, name)
	if c == nil {
		return name
	}
	return CollectionName(c, language)
}

// CollectionName is what a collection is called: by its label, else by its name, made readable.
func CollectionName(c *sources.Collection, language string) string {
	if label := c.Label.In(language); label != "" {
		return label
	}
	return readable(c.Name)
}

// SourceName is what the dataset of a collection is called in that language.
func SourceName(c *sources.Collection, language string) string {
	if label := c.Dataset.Label.In(language); label != "" {
		return label
	}
	if c.Dataset.Name != "" {
		return c.Dataset.Name
	}
	return readable(c.Dataset.Key)
}

// SourceLabel is what the data map calls a source in that language: as its first dataset is called.
func (p *Portal) SourceLabel(source, language string) string {
	for _, c := range p.Sources.Collections() {
		if c.Source() == source {
			return SourceName(c, language)
		}
	}
	return readable(source) // the map has changed since
}

// readable makes "billing_city" and "BillingCity" a phrase: "Billing city".
func readable(name string) string {
	var b strings.Builder
	previous := ' '
	for i, r := range name {
		switch {
		case r == '_' || r == '-' || r == '.':
			r = ' '
		case i > 0 && unicode.IsUpper(r) && unicode.IsLower(previous):
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		case i == 0:
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		previous = r
	}
	return b.String()
}
