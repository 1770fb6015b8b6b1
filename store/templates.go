package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"habeas/rights"
)

// Template is one version of the words that letters of a kind begin with, in one language.
type Template struct {
	Kind, Language string
	Version        int
	Text           string
	BuiltIn        bool // back to the words that are built in; Text is "" then
	At             time.Time
	By             string // staff ID
}

const templateColumns = "kind, language, version, text, at, staff_id"

// Templates returns the version in use of every template that a house has ever changed.
func (r reads) Templates(ctx context.Context) ([]Template, error) {
	rows, err := r.from.query(ctx, `SELECT `+templateColumns+` FROM letter_templates t
		WHERE version = (SELECT MAX(version) FROM letter_templates WHERE kind = t.kind AND language = t.language)
		ORDER BY kind, language`)
	return all(rows, err, scanTemplate)
}

// TemplateVersions returns the newest versions of one template, newest first.
func (r reads) TemplateVersions(ctx context.Context, kind, language string, limit int) ([]Template, error) {
	rows, err := r.from.query(ctx, `SELECT `+templateColumns+` FROM letter_templates WHERE kind = $1 AND language = $2
		ORDER BY version DESC`+limited(limit), kind, language)
	return all(rows, err, scanTemplate)
}

func scanTemplate(row scanner) (Template, error) {
	var t Template
	var text sql.NullString
	var at int64
	err := row.Scan(&t.Kind, &t.Language, &t.Version, &text, &at, &t.By)
	t.Text, t.BuiltIn, t.At = text.String, !text.Valid, moment(at)
	return t, err
}

// InsertTemplate adds the next version of a template. One that does not follow the version in use is
// rights.ErrConflict: somebody else changed it first.
func (tx *Tx) InsertTemplate(t Template, why rights.Entry) error {
	n, err := tx.exec(`INSERT INTO letter_templates (kind, language, version, text, at, staff_id)
		SELECT $1, $2, $3, $4, $5, $6
		WHERE $3 = 1 + (SELECT COALESCE(MAX(version), 0) FROM letter_templates WHERE kind = $1 AND language = $2)`,
		t.Kind, t.Language, t.Version, sql.NullString{String: t.Text, Valid: !t.BuiltIn}, millis(t.At), t.By)
	if err == nil && n == 0 {
		err = rights.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("insert template: %w", err)
	}
	return tx.Append(why)
}
