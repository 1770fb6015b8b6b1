-- +goose Up
-- What the retention rules of the map find, rule by rule: numbers, and nobody. Each is looked at once a day, or when somebody asks.
CREATE TABLE retention_looks (
    source     TEXT NOT NULL,
    collection TEXT NOT NULL,
    day        TEXT NOT NULL DEFAULT '',    -- of the house, on which it was last looked at to the end
    found      TEXT NOT NULL DEFAULT '',    -- then, as JSON
    looked_at  INTEGER NOT NULL DEFAULT 0,
    asked_by   TEXT NOT NULL DEFAULT '',    -- who of the staff asked for another look, '' for nobody
    next_at    INTEGER NOT NULL DEFAULT 0,  -- not before, because the last attempt failed
    attempts   INTEGER NOT NULL DEFAULT 0,  -- that failed since the last that did not
    trouble    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (source, collection)
) STRICT, WITHOUT ROWID;

-- What is to be destroyed by a rule, from the proposal to the record of it. Nothing is destroyed before somebody has approved it,
-- and what is over is never changed or deleted (GDPR Art. 5(2); PIPL Art. 19, 47).
CREATE TABLE destructions (
    id          TEXT PRIMARY KEY,
    source      TEXT NOT NULL,
    collection  TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'postponed', 'approved', 'done', 'declined', 'lapsed')),
    rule        TEXT NOT NULL,              -- as the map said it, as JSON
    due_on      TEXT NOT NULL,              -- the day on which it was past the rule
    found       TEXT NOT NULL,              -- on that day: numbers, as JSON
    asked_by    TEXT NOT NULL DEFAULT '',   -- who asked for the look, '' for nobody
    proposed_at INTEGER NOT NULL,
    decided_by  TEXT NOT NULL DEFAULT '',
    decided_at  INTEGER NOT NULL DEFAULT 0,
    reason      BLOB,                       -- of whoever decided; sealed under the portal's key
    until       TEXT NOT NULL DEFAULT '',   -- of what is postponed
    begun_at    INTEGER NOT NULL DEFAULT 0,
    done_at     INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0, -- that failed since the last step that did not
    trouble     TEXT NOT NULL DEFAULT '',
    work        BLOB,                       -- the records under way and where to go on, sealed under the portal's key; gone with the last
    destroyed   INTEGER NOT NULL DEFAULT 0,
    spared      INTEGER NOT NULL DEFAULT 0, -- somebody's whose data must stay
    young       INTEGER NOT NULL DEFAULT 0, -- not past the rule any more when it came to it
    refused     INTEGER NOT NULL DEFAULT 0, -- others hang on them, or the source refused
    sha256      TEXT NOT NULL DEFAULT '',   -- over the sorted keyed hashes of what was destroyed
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX destructions_open ON destructions (source, collection) WHERE state IN ('proposed', 'postponed', 'approved');
CREATE INDEX destructions_over ON destructions (proposed_at, id) WHERE state IN ('done', 'declined', 'lapsed');

-- +goose StatementBegin
CREATE TRIGGER destructions_stay BEFORE UPDATE ON destructions WHEN OLD.state IN ('done', 'declined', 'lapsed')
BEGIN SELECT RAISE(ABORT, 'the record of a destruction is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER destructions_kept BEFORE DELETE ON destructions BEGIN SELECT RAISE(ABORT, 'the record of a destruction is never deleted'); END;
-- +goose StatementEnd

-- Keyed hashes of what a destruction under way has destroyed, batch by batch; they go when its record is closed.
CREATE TABLE destroyed_hashes (
    destruction_id TEXT NOT NULL REFERENCES destructions (id),
    batch          INTEGER NOT NULL,
    hashes         BLOB NOT NULL,
    PRIMARY KEY (destruction_id, batch)
) STRICT, WITHOUT ROWID;
