-- +goose Up
-- What the officers' desk needs of requests, letters and people. The table of requests is made anew, because the ways in
-- which a request comes are a CHECK of it; the store turns foreign keys off meanwhile and checks them afterwards.

CREATE TABLE requests_new (
    id          TEXT PRIMARY KEY,
    ref         TEXT NOT NULL UNIQUE,
    subject_id  TEXT NOT NULL REFERENCES subjects (id),
    "right"     TEXT NOT NULL CHECK ("right" IN ('access', 'portability', 'rectification', 'erasure', 'restriction',
                    'objection', 'opt_out', 'explanation', 'consent', 'complaint')),
    regime      TEXT NOT NULL,
    channel     TEXT NOT NULL CHECK (channel IN ('portal', 'phone', 'letter', 'email', 'counter')),
    language    TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('received', 'in_progress', 'paused', 'fulfilled', 'refused', 'cancelled')),
    is_open     INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    routine     INTEGER NOT NULL CHECK (routine IN (0, 1)),
    received_at INTEGER NOT NULL,
    not_before  INTEGER NOT NULL DEFAULT 0,
    closed_at   INTEGER NOT NULL DEFAULT 0,
    due         TEXT NOT NULL,
    clock       TEXT NOT NULL, -- every date with its citation, as JSON: shown, never searched
    owner_id    TEXT NOT NULL DEFAULT '',
    ground      TEXT NOT NULL DEFAULT '',
    version     INTEGER NOT NULL DEFAULT 1,
    parent_id   TEXT NOT NULL DEFAULT '', -- of a complaint or an appeal: the request it is about
    identity    TEXT NOT NULL DEFAULT 'mailbox' CHECK (identity IN ('none', 'mailbox', 'document', 'callback', 'counter', 'known')),
    acknowledged_at  INTEGER NOT NULL DEFAULT 0,
    pseudonymised_at INTEGER NOT NULL DEFAULT 0 -- its record has served: what was personal of it is gone
) STRICT;

INSERT INTO requests_new (id, ref, subject_id, "right", regime, channel, language, state, is_open, routine, received_at, not_before,
    closed_at, due, clock, owner_id, ground, version, acknowledged_at)
SELECT id, ref, subject_id, "right", regime, CASE channel WHEN 'staff' THEN 'phone' ELSE channel END, language, state, is_open, routine,
    received_at, not_before, closed_at, due, clock, owner_id, ground, version, received_at
FROM requests;
DROP TABLE requests;
ALTER TABLE requests_new RENAME TO requests;

CREATE INDEX requests_of ON requests (subject_id, received_at, id);
-- One index an order of the queue, of no more requests than that view holds.
CREATE INDEX requests_queue ON requests (due, id) WHERE is_open = 1 AND routine = 0;
CREATE INDEX requests_mine ON requests (owner_id, due, id) WHERE is_open = 1;
CREATE INDEX requests_closed ON requests (closed_at, id) WHERE is_open = 0 AND routine = 0;
CREATE INDEX requests_routine ON requests (received_at, id) WHERE routine = 1;
CREATE INDEX requests_all ON requests (received_at, id);

CREATE INDEX requests_parent ON requests (parent_id) WHERE parent_id > '';

-- +goose StatementBegin
CREATE TRIGGER requests_counted AFTER INSERT ON requests BEGIN
    INSERT INTO request_tallies (is_open, routine, owner_id, due, n)
    VALUES (NEW.is_open, NEW.routine, CASE NEW.is_open WHEN 1 THEN NEW.owner_id ELSE '' END,
            CASE NEW.is_open WHEN 1 THEN NEW.due ELSE '' END, 1)
    ON CONFLICT (is_open, routine, owner_id, due) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_recounted AFTER UPDATE OF is_open, routine, owner_id, due ON requests BEGIN
    UPDATE request_tallies SET n = n - 1
    WHERE is_open = OLD.is_open AND routine = OLD.routine
      AND owner_id = CASE OLD.is_open WHEN 1 THEN OLD.owner_id ELSE '' END
      AND due = CASE OLD.is_open WHEN 1 THEN OLD.due ELSE '' END;
    INSERT INTO request_tallies (is_open, routine, owner_id, due, n)
    VALUES (NEW.is_open, NEW.routine, CASE NEW.is_open WHEN 1 THEN NEW.owner_id ELSE '' END,
            CASE NEW.is_open WHEN 1 THEN NEW.due ELSE '' END, 1)
    ON CONFLICT (is_open, routine, owner_id, due) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd


-- What stays of a letter about a request once it has left: the letter as it was sent, without the secret of its link.
ALTER TABLE letters ADD COLUMN kept BLOB;

-- Two subjects who an officer found to be one person: everything of the one is shown with the other.
ALTER TABLE subjects ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
CREATE INDEX subjects_merged ON subjects (merged_into) WHERE merged_into > '';

-- The house's own settings: one row, as JSON, with its version.
CREATE TABLE settings (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    value      TEXT NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;

-- What a member of staff is told of: in the page until they have seen it, and by letter.
CREATE TABLE alerts (
    id         TEXT PRIMARY KEY,
    dedupe     TEXT NOT NULL UNIQUE,
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    kind       TEXT NOT NULL,
    request_id TEXT REFERENCES requests (id),
    at         INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX alerts_of ON alerts (staff_id, at, id);
CREATE INDEX alerts_unseen ON alerts (staff_id) WHERE seen_at = 0;
