-- +goose Up
-- A copy that lacks a source is followed by supplements, each a package of its own. What they are built from, kept, fetched
-- and removed by is the same, so they are numbered rows of the same table.
CREATE TABLE packages_new (
    request_id TEXT NOT NULL REFERENCES requests (id),
    number     INTEGER NOT NULL DEFAULT 0, -- 0 for the first, then its supplements
    state      TEXT NOT NULL CHECK (state IN ('queued', 'building', 'ready', 'failed', 'expired')),
    done       INTEGER NOT NULL DEFAULT 0, -- records written so far
    total      INTEGER NOT NULL DEFAULT 0,
    bytes      INTEGER NOT NULL DEFAULT 0,
    sha256     TEXT NOT NULL DEFAULT '',
    file_key   BLOB,  -- the key of the sealed file, itself sealed under the subject's
    missing    TEXT NOT NULL DEFAULT '',   -- the collections that could not be read, as JSON; of a supplement to be: what it is to bring
    attempts   INTEGER NOT NULL DEFAULT 0,
    tries      INTEGER NOT NULL DEFAULT 0, -- of the attempts, those that found the sources still away
    next_at    INTEGER NOT NULL,
    ready_at   INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (request_id, number)
) STRICT;
INSERT INTO packages_new (request_id, state, done, total, bytes, sha256, file_key, attempts, next_at, ready_at, expires_at)
    SELECT request_id, state, done, total, bytes, sha256, file_key, attempts, next_at, ready_at, expires_at FROM packages;
DROP TABLE packages;
ALTER TABLE packages_new RENAME TO packages;
CREATE INDEX packages_work ON packages (next_at, request_id, number) WHERE state IN ('queued', 'building');
CREATE INDEX packages_ready ON packages (expires_at, request_id, number) WHERE state = 'ready';
