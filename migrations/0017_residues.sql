-- +goose Up
-- What an erasure left, and when it is looked at again: what is kept on a ground for a span ("kept"), what lies in backups and
-- recycle bins until they are overwritten ("copy"), what is gone but would come back with such a backup ("gone"), and
-- what people erased in a system whose export would bring it back ("import"). It
-- stays when the record of its request ends, because it is what ends the data itself: IDs of records, which lead to nobody
-- in the portal.
CREATE TABLE residues (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES erasures (request_id),
    kind TEXT NOT NULL CHECK (kind IN ('kept', 'copy', 'gone', 'import')),
    source TEXT NOT NULL,
    copy INTEGER NOT NULL DEFAULT 0,     -- which of those that the map names, from 0
    erased_on TEXT NOT NULL,
    until TEXT NOT NULL DEFAULT '',      -- the last day; '' where the map says none
    holdings BLOB,                       -- sealed under the portal's key
    state TEXT NOT NULL CHECK (state IN ('stands', 'over', 'left')), -- left: only people can end it
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, -- that failed since the last that did not
    checked_at INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX residues_next ON residues (next_at, id) WHERE state = 'stands';
CREATE INDEX residues_of ON residues (request_id);

-- An erasure that is carried out again because a backup brought its data back: its request stays closed.
ALTER TABLE erasures ADD COLUMN again INTEGER NOT NULL DEFAULT 0;

-- Whose data must be kept for a dispute, whatever they ask and whatever rule says (GDPR Art. 17(3)(e)).
CREATE TABLE holds (
    id TEXT PRIMARY KEY,
    subject_id TEXT NOT NULL REFERENCES subjects (id),
    ground TEXT NOT NULL,                -- of those on which the law lets erasure be refused
    reason BLOB NOT NULL,                -- which dispute; sealed under the subject's key
    placed_by TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    review_on TEXT NOT NULL,             -- when it is asked whether it is still needed
    told INTEGER NOT NULL DEFAULT 0,     -- that this day has come
    lifted_by TEXT NOT NULL DEFAULT '',
    lifted_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX holds_of ON holds (subject_id);
CREATE INDEX holds_standing ON holds (review_on, id) WHERE lifted_at = 0;
