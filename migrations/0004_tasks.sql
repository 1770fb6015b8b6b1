-- +goose Up
-- What is to be done for a request: one task a source, and whatever an officer adds by hand.
CREATE TABLE tasks (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL REFERENCES requests (id),
    source     TEXT NOT NULL DEFAULT '', -- the key of the source; '' for a task by hand
    kind       TEXT NOT NULL,            -- the right that is owed there; 'other' for a task by hand
    what       BLOB,                     -- the words of a task by hand, sealed
    state      TEXT NOT NULL CHECK (state IN ('open', 'done', 'skipped')),
    note       BLOB,                     -- what was found, or why it was skipped, sealed
    made_at    INTEGER NOT NULL,
    done_at    INTEGER NOT NULL DEFAULT 0,
    done_by    TEXT NOT NULL DEFAULT '',
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX tasks_of ON tasks (request_id, seq);
CREATE INDEX tasks_open ON tasks (source, request_id) WHERE state = 'open';

-- Each step says where its request stood once it was taken, so that two officers who meet are shown both versions and a
-- regulator every one.
ALTER TABLE events ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN due TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN ground TEXT NOT NULL DEFAULT '';

-- Of the steps before, these changed no request; every other was one version. Where a request stood then is not known.
UPDATE events SET version = (SELECT COUNT(*) FROM events e WHERE e.request_id = events.request_id AND e.seq <= events.seq
    AND e.kind NOT IN ('note', 'letter_parked', 'not_written', 'downloaded', 'stopped_late'));
