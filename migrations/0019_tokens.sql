-- +goose Up
-- Programs that may ask by the API. Of a token only a keyed hash is kept: it is shown once.
CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,             -- of the program, never of a person
    token_hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,           -- separated by blanks
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    revoked_by TEXT NOT NULL DEFAULT '',
    revoked_at INTEGER NOT NULL DEFAULT 0,
    used_at INTEGER NOT NULL DEFAULT 0,
    uses INTEGER NOT NULL DEFAULT 0 -- counted together, some seconds late
) STRICT;
