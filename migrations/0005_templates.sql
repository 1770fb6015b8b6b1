-- +goose Up
-- The words that letters begin with, by kind and language: every version that ever was, the newest one in use. NULL is
-- the way back to the words that are built in.

CREATE TABLE letter_templates (
    kind     TEXT NOT NULL,
    language TEXT NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    text     TEXT,
    at       INTEGER NOT NULL,
    staff_id TEXT NOT NULL,
    PRIMARY KEY (kind, language, version)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER letter_templates_stay BEFORE UPDATE ON letter_templates BEGIN SELECT RAISE(ABORT, 'a template is never changed: add its next version'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER letter_templates_kept BEFORE DELETE ON letter_templates BEGIN SELECT RAISE(ABORT, 'versions of a template are never deleted'); END;
-- +goose StatementEnd
