-- +goose Up
-- The record of processing activities as the data map has said it, from one change of it to the next. It holds nobody's data.
CREATE TABLE map_versions (
    version INTEGER PRIMARY KEY,
    sha256  TEXT NOT NULL, -- of the record
    record  TEXT NOT NULL, -- as JSON: shown and compared, never searched
    kept_at INTEGER NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER map_versions_stay BEFORE UPDATE ON map_versions BEGIN SELECT RAISE(ABORT, 'versions of the map are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER map_versions_kept BEFORE DELETE ON map_versions BEGIN SELECT RAISE(ABORT, 'versions of the map are never deleted'); END;
-- +goose StatementEnd
