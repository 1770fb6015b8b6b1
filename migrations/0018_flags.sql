-- +goose Up
-- What must not be done with somebody's data, whatever they consented to: a ledger, as that of consent is. What stands is derived
-- from it. It outlives the record of its request, and names IDs and nobody.
CREATE TABLE flag_events (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    subject_id TEXT NOT NULL REFERENCES subjects (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    kind       TEXT NOT NULL CHECK (kind IN ('restriction', 'objection', 'opt_out', 'limit', 'cancellation')),
    purpose    TEXT NOT NULL DEFAULT '', -- of an objection to one purpose; '' for all it can be about
    raised     INTEGER NOT NULL CHECK (raised IN (0, 1)),
    at         INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id   TEXT NOT NULL
) STRICT;
CREATE INDEX flag_events_of ON flag_events (subject_id, at, seq);
CREATE INDEX flag_events_request ON flag_events (request_id);

-- +goose StatementBegin
CREATE TRIGGER flag_events_stay BEFORE UPDATE ON flag_events BEGIN SELECT RAISE(ABORT, 'flags are a ledger: append'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER flag_events_kept BEFORE DELETE ON flag_events BEGIN SELECT RAISE(ABORT, 'flags are a ledger: append'); END;
-- +goose StatementEnd

-- Sources that note such a flag of a person in a field of theirs, and have still to be told what stands. Which value that is says
-- the ledger when it is written, so that what was raised and lowered meanwhile is written once.
CREATE TABLE flag_writes (
    subject_id TEXT NOT NULL REFERENCES subjects (id),
    kind       TEXT NOT NULL,
    source     TEXT NOT NULL,
    request_id TEXT NOT NULL REFERENCES requests (id), -- the last that asked for it
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'written', 'by_hand')),
    attempts   INTEGER NOT NULL DEFAULT 0,  -- that failed since the last that did not
    next_at    INTEGER NOT NULL,
    trouble    TEXT NOT NULL DEFAULT '',    -- how the last one failed
    written_at INTEGER NOT NULL DEFAULT 0,
    version    INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (subject_id, kind, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX flag_writes_next ON flag_writes (next_at, subject_id, kind, source) WHERE state = 'waiting';
CREATE INDEX flag_writes_of ON flag_writes (request_id);

-- A flag that will be lowered on a day: the person is told before it is (GDPR Art. 18(3)).
CREATE TABLE flag_lifts (
    id         TEXT PRIMARY KEY,
    subject_id TEXT NOT NULL REFERENCES subjects (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    kind       TEXT NOT NULL,
    lifted_by  TEXT NOT NULL,
    falls_at   INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'done'))
) STRICT;
CREATE INDEX flag_lifts_next ON flag_lifts (falls_at, id) WHERE state = 'waiting';
CREATE INDEX flag_lifts_of ON flag_lifts (subject_id, request_id);
