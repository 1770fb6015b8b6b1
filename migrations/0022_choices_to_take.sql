-- +goose Up
-- Who opts out or limits proves nothing, not even their mailbox (11 CCR 7060(b)). What somebody typed waits here for a moment: whose it
-- is, is looked up in the sources afterwards, so that no answer tells by its time who is a customer.
CREATE TABLE choices_to_take (
    id       TEXT PRIMARY KEY, -- of the request that it becomes
    flag     TEXT NOT NULL CHECK (flag IN ('opt_out', 'limit')),
    mailbox  BLOB NOT NULL,    -- sealed
    language TEXT NOT NULL,
    made_at  INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, -- that failed
    next_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX choices_to_take_next ON choices_to_take (next_at, id);
