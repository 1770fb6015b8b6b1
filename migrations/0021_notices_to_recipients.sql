-- +goose Up
-- Whoever data was disclosed to has to be told of its rectification, erasure and restriction (GDPR Art. 19): one notice to each
-- recipient that the map names, once a request. "sought": it is still to be found whom to tell; "noted": before an erasure begins,
-- while it is known by what the recipient knows the person.
CREATE TABLE recipient_notices (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    request_id  TEXT NOT NULL REFERENCES requests (id),
    act         TEXT NOT NULL CHECK (act IN ('rectification', 'erasure', 'restriction')),
    recipient   TEXT NOT NULL,            -- what tells recipients apart: their address, else their name; '' while sought
    content     BLOB,                     -- who they are, what is to be told and by what they know the person, and their answer; sealed
    state       TEXT NOT NULL CHECK (state IN ('sought', 'noted', 'by_hand', 'sent', 'opened', 'done', 'impossible', 'told', 'not_told', 'dropped')),
    task_id     TEXT NOT NULL DEFAULT '', -- by which an officer tells them, '' where a letter does
    token_hash  BLOB UNIQUE,              -- of the link in the letter
    expires_at  INTEGER NOT NULL DEFAULT 0,
    told_at     INTEGER NOT NULL DEFAULT 0,
    opened_at   INTEGER NOT NULL DEFAULT 0,
    answered_at INTEGER NOT NULL DEFAULT 0,
    reminders   INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0, -- that failed since the last that did not
    next_at     INTEGER NOT NULL DEFAULT 0, -- when it is looked at again; 0 for never
    version     INTEGER NOT NULL DEFAULT 1,
    UNIQUE (request_id, act, recipient)
) STRICT;
CREATE INDEX recipient_notices_next ON recipient_notices (next_at, seq) WHERE next_at > 0;
CREATE INDEX recipient_notices_noted ON recipient_notices (request_id) WHERE state = 'noted';
CREATE INDEX recipient_notices_task ON recipient_notices (task_id) WHERE task_id > '';

-- A correction that could not be settled is put off, ever longer, so that it holds up no other. One whose words went with its
-- person's key is dropped.
ALTER TABLE corrections ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE corrections ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE corrections ADD COLUMN dropped_at INTEGER NOT NULL DEFAULT 0;
