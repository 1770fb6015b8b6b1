-- +goose Up
-- People as officers find them: by what tells them exactly, within a budget, and two subjects that are one person.

-- Keyed hashes of the numbers that were issued to a person and of their rows in the lists of people: an exact number finds
-- who it was issued to, and two subjects with the same row are likely one person.
CREATE TABLE subject_marks (
    mark       BLOB NOT NULL,
    subject_id TEXT NOT NULL REFERENCES subjects (id),
    PRIMARY KEY (mark, subject_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_marks_of ON subject_marks (subject_id);

-- Whom a member of staff has looked at on a day of the house: each person counts once a day.
CREATE TABLE people_seen (
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    day        TEXT NOT NULL,
    subject_id TEXT NOT NULL REFERENCES subjects (id),
    PRIMARY KEY (staff_id, day, subject_id)
) STRICT, WITHOUT ROWID;

-- A budget that a colleague has raised for one day.
CREATE TABLE people_budgets (
    staff_id  TEXT NOT NULL REFERENCES staff (id),
    day       TEXT NOT NULL,
    people    INTEGER NOT NULL,
    reason    BLOB NOT NULL,
    raised_by TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    PRIMARY KEY (staff_id, day)
) STRICT, WITHOUT ROWID;

-- What officers decided about two subjects. subjects.merged_into is the sum of the decisions "one" that stand, so that
-- nothing that was sealed is ever written anew and every decision can be undone.
CREATE TABLE merges (
    id         TEXT PRIMARY KEY,
    gone_id    TEXT NOT NULL REFERENCES subjects (id), -- is shown with the other
    kept_id    TEXT NOT NULL REFERENCES subjects (id),
    decision   TEXT NOT NULL CHECK (decision IN ('one', 'two')),
    reason     BLOB NOT NULL, -- sealed under the key of gone_id
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    undone_by  TEXT NOT NULL DEFAULT '',
    undone_at  INTEGER NOT NULL DEFAULT 0,
    CHECK (gone_id <> kept_id)
) STRICT;
CREATE UNIQUE INDEX merges_gone ON merges (gone_id, kept_id) WHERE undone_at = 0;
CREATE INDEX merges_kept ON merges (kept_id, gone_id) WHERE undone_at = 0;

CREATE INDEX letters_to ON letters (subject_id, queued_at, id) WHERE subject_id IS NOT NULL;
