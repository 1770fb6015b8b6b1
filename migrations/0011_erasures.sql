-- +goose Up
-- The erasure of one person over all sources, from the end of the cooling-off to the report of what is left. What there was
-- to erase is noted before anything goes, because what leads to it goes with it: after a crash the note says what remains
-- to be done, and doing it twice does no more than once.
CREATE TABLE erasures (
    request_id TEXT PRIMARY KEY REFERENCES requests (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'erasing', 'checking', 'done', 'dropped', 'by_hand')),
    round INTEGER NOT NULL DEFAULT 1,       -- what appears while it runs is erased in another round
    attempts INTEGER NOT NULL DEFAULT 0,    -- that failed since the last step that did not
    next_at INTEGER NOT NULL,
    source TEXT NOT NULL DEFAULT '',        -- that the last attempt failed in, and how
    trouble TEXT NOT NULL DEFAULT '',
    holdings BLOB,                          -- sealed under the subject's key
    residue BLOB,
    begun_at INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE INDEX erasures_next ON erasures (next_at, request_id) WHERE state IN ('waiting', 'erasing', 'checking');

CREATE TABLE erased_sources (
    request_id TEXT NOT NULL REFERENCES erasures (request_id),
    round INTEGER NOT NULL,
    source TEXT NOT NULL,
    records INTEGER NOT NULL,
    erased_at INTEGER NOT NULL,
    PRIMARY KEY (request_id, round, source)
) STRICT, WITHOUT ROWID;

-- Who was erased, as keyed hashes of the numbers that were issued to them and of the keys of their records: enough to know
-- them again in an import or in a restored backup, and nothing to find anybody by.
CREATE TABLE tombstones (
    hash BLOB PRIMARY KEY,
    request_id TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that were open before there were erasures by machine.
INSERT INTO erasures (request_id, state, next_at)
    SELECT id, 'waiting', not_before FROM requests WHERE "right" = 'erasure' AND is_open = 1;
