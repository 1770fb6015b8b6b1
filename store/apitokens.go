package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"habeas/rights"
	"habeas/store/seal"
)

// APIToken lets a program ask by the API.
type APIToken struct {
	ID        string
	Name      string // of the program
	Scopes    []string
	By        string // staff ID
	At        time.Time
	RevokedBy string
	RevokedAt time.Time
	UsedAt    time.Time // some seconds late; zero for never
	Uses      int
}

const apiTokenColumns = "id, name, scopes, made_by, made_at, revoked_by, revoked_at, used_at, uses"

// apiToken is what is kept of a token.
func (r reads) apiToken(token string) []byte { return r.keys.Hash(seal.Tokens, "api\x00"+token) }

// InsertAPIToken keeps a token, of which it keeps only a keyed hash.
func (tx *Tx) InsertAPIToken(t APIToken, token string, why rights.Entry) error {
	if _, err := tx.exec("INSERT INTO api_tokens (id, name, token_hash, scopes, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6)",
		t.ID, t.Name, tx.apiToken(token), strings.Join(t.Scopes, " "), t.By, millis(t.At)); err != nil {
		return fmt.Errorf("insert API token: %w", err)
	}
	return tx.Append(why)
}

// RevokeAPIToken ends a token that is not revoked; any other is rights.ErrConflict.
func (tx *Tx) RevokeAPIToken(id, by string, why rights.Entry) error {
	if err := tx.change(rights.ErrConflict, "UPDATE api_tokens SET revoked_by = $2, revoked_at = $3 WHERE id = $1 AND revoked_at = 0", id, by, millis(why.At)); err != nil {
		return fmt.Errorf("revoke API token: %w", err)
	}
	return tx.Append(why)
}

// UsedAPIToken adds to how often a token was used.
func (tx *Tx) UsedAPIToken(id string, uses int, at time.Time, why rights.Entry) error {
	if _, err := tx.exec("UPDATE api_tokens SET uses = uses + $2, used_at = $3 WHERE id = $1", id, uses, millis(at)); err != nil {
		return fmt.Errorf("count the uses of an API token: %w", err)
	}
	return tx.Append(why)
}

// APITokens lists every token, those that stand first, the newest first.
func (r reads) APITokens(ctx context.Context) ([]APIToken, error) {
	rows, err := r.from.query(ctx, "SELECT "+apiTokenColumns+" FROM api_tokens ORDER BY revoked_at > 0, made_at DESC, id")
	return all(rows, err, scanAPIToken)
}

// APIToken returns a token by ID.
func (r reads) APIToken(ctx context.Context, id string) (APIToken, error) {
	return one(r.from.row(ctx, "SELECT "+apiTokenColumns+" FROM api_tokens WHERE id = $1", id), scanAPIToken)
}

// APITokenBy returns the token that somebody shows, if it stands; any other is rights.ErrNotFound.
func (r reads) APITokenBy(ctx context.Context, token string) (APIToken, error) {
	return one(r.from.row(ctx, "SELECT "+apiTokenColumns+" FROM api_tokens WHERE token_hash = $1 AND revoked_at = 0", r.apiToken(token)), scanAPIToken)
}

func scanAPIToken(row scanner) (t APIToken, err error) {
	var scopes string
	var made, revoked, used int64
	err = row.Scan(&t.ID, &t.Name, &scopes, &t.By, &made, &t.RevokedBy, &revoked, &used, &t.Uses)
	t.Scopes, t.At, t.RevokedAt, t.UsedAt = strings.Fields(scopes), moment(made), moment(revoked), moment(used)
	return t, err
}
