-- +goose Up
-- Times are unix milliseconds, dates TEXT 2006-01-02, personal values BLOBs sealed under the key of their subject
-- (in keys.db; associated data: table, column, row). What is only ever compared is a keyed hash ("…_index", "…_hash"). Where
-- several rows can share a time, seq keeps the order they were written in.

CREATE TABLE keyring (
    name    TEXT PRIMARY KEY,
    sealed  BLOB NOT NULL, -- a keyset under the key-encryption key of the data directory
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE subjects (
    id            TEXT PRIMARY KEY,
    mailbox_index BLOB NOT NULL,
    mailbox       BLOB NOT NULL,
    person        BLOB NOT NULL, -- which records of the sources are theirs
    addresses     BLOB NOT NULL, -- the mailbox as the sources spell it: where letters go
    language      TEXT NOT NULL,
    regime        TEXT NOT NULL,
    made_at       INTEGER NOT NULL,
    erased_at     INTEGER NOT NULL DEFAULT 0, -- their key is destroyed, and every sealed value of theirs unreadable
    version       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX subjects_mailbox ON subjects (mailbox_index);
CREATE INDEX subjects_erased ON subjects (id) WHERE erased_at > 0;

-- One mailbox code (and its link), from asking to use. Never the code itself.
CREATE TABLE challenges (
    id            TEXT PRIMARY KEY,
    purpose       TEXT NOT NULL CHECK (purpose IN ('sign_in', 'step_up')),
    mailbox_index BLOB NOT NULL,
    mailbox       BLOB NOT NULL,
    session_id    TEXT, -- for a step-up: the session that asked
    browser_hash  BLOB NOT NULL,
    code_hash     BLOB NOT NULL,
    link_hash     BLOB NOT NULL UNIQUE,
    language      TEXT NOT NULL,
    tries         INTEGER NOT NULL DEFAULT 0,
    made_at       INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    used_at       INTEGER
) STRICT;
CREATE INDEX challenges_expiry ON challenges (expires_at);
CREATE INDEX challenges_mailbox ON challenges (mailbox_index, browser_hash);

-- Rate limits as GCRA: one row a key, the theoretical arrival time in unix nanoseconds (a limit may refill faster than
-- once a millisecond). In the database, so a restart forgives nothing.
CREATE TABLE limits (
    key BLOB PRIMARY KEY,
    tat INTEGER NOT NULL
) STRICT;
CREATE INDEX limits_tat ON limits (tat);

CREATE TABLE staff (
    id            TEXT PRIMARY KEY,
    email_index   BLOB NOT NULL UNIQUE,
    email         BLOB NOT NULL,
    name          BLOB NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('officer', 'approver', 'admin', 'auditor')),
    state         TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    language      TEXT NOT NULL,
    password_hash TEXT NOT NULL DEFAULT '', -- argon2id, in its own encoding
    totp          BLOB,
    totp_step     INTEGER NOT NULL DEFAULT 0, -- the last time step used: a code works once (RFC 6238 5.2)
    made_at       INTEGER NOT NULL,
    version       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE enrolments (
    token_hash BLOB PRIMARY KEY,
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

CREATE TABLE recovery_codes (
    code_hash BLOB PRIMARY KEY,
    staff_id  TEXT NOT NULL REFERENCES staff (id),
    used_at   INTEGER
) STRICT;
CREATE INDEX recovery_codes_of ON recovery_codes (staff_id);

CREATE TABLE sessions (
    id          TEXT PRIMARY KEY,
    token_hash  BLOB NOT NULL UNIQUE,
    kind        TEXT NOT NULL CHECK (kind IN ('subject', 'staff')),
    subject_id  TEXT REFERENCES subjects (id),
    staff_id    TEXT REFERENCES staff (id),
    mailbox     BLOB, -- confirmed, while the person behind it is still to be picked
    device      TEXT NOT NULL, -- "Firefox on Android": a family and a system, never the whole header
    viewed      TEXT NOT NULL DEFAULT '', -- the request that this session's viewing is tracked as
    made_at     INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    step_up_at  INTEGER NOT NULL DEFAULT 0,
    ends_at     INTEGER NOT NULL,
    ended_at    INTEGER,
    CHECK ((kind = 'staff') = (staff_id IS NOT NULL))
) STRICT;
CREATE INDEX sessions_subject ON sessions (subject_id, ended_at);
CREATE INDEX sessions_staff ON sessions (staff_id, ended_at);
CREATE INDEX sessions_ends ON sessions (ends_at);

CREATE TABLE requests (
    id          TEXT PRIMARY KEY,
    ref         TEXT NOT NULL UNIQUE,
    subject_id  TEXT NOT NULL REFERENCES subjects (id),
    "right"     TEXT NOT NULL CHECK ("right" IN ('access', 'portability', 'rectification', 'erasure', 'restriction',
                    'objection', 'opt_out', 'explanation', 'consent', 'complaint')),
    regime      TEXT NOT NULL,
    channel     TEXT NOT NULL CHECK (channel IN ('portal', 'staff')),
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
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX requests_of ON requests (subject_id, received_at, id);
-- One index an order of the queue, of no more requests than that view holds.
CREATE INDEX requests_queue ON requests (due, id) WHERE is_open = 1 AND routine = 0;
CREATE INDEX requests_mine ON requests (owner_id, due, id) WHERE is_open = 1;
CREATE INDEX requests_closed ON requests (closed_at, id) WHERE is_open = 0 AND routine = 0;
CREATE INDEX requests_routine ON requests (received_at, id) WHERE routine = 1;
CREATE INDEX requests_all ON requests (received_at, id);

-- How many requests stand where: the queue's counts are kept, never counted. Closed requests share one row.
CREATE TABLE request_tallies (
    is_open  INTEGER NOT NULL,
    routine  INTEGER NOT NULL,
    owner_id TEXT NOT NULL,
    due      TEXT NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (is_open, routine, owner_id, due)
) STRICT;

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

CREATE TABLE events (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL REFERENCES requests (id),
    at         INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    facts      TEXT NOT NULL DEFAULT '{}',
    detail     BLOB,
    private    INTEGER NOT NULL CHECK (private IN (0, 1))
) STRICT;
CREATE INDEX events_of ON events (request_id, at, seq);

CREATE TABLE messages (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL REFERENCES requests (id),
    at         INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    body       BLOB NOT NULL
) STRICT;
CREATE INDEX messages_of ON messages (request_id, at, seq);

CREATE TABLE corrections (
    request_id TEXT PRIMARY KEY REFERENCES requests (id),
    source     TEXT NOT NULL,
    collection TEXT NOT NULL,
    record     BLOB NOT NULL,
    field      TEXT NOT NULL,
    mode       TEXT NOT NULL CHECK (mode IN ('self', 'ask')),
    old_value  BLOB NOT NULL,
    new_value  BLOB NOT NULL,
    reason     BLOB NOT NULL,
    decision   TEXT NOT NULL DEFAULT '' CHECK (decision IN ('', 'accepted', 'declined')),
    ground     TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '',
    decided_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX corrections_unsettled ON corrections (request_id) WHERE mode = 'self' AND decision = '';

CREATE TABLE consent_events (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    subject_id TEXT NOT NULL REFERENCES subjects (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    purpose    TEXT NOT NULL,
    version    INTEGER NOT NULL,
    choice     TEXT NOT NULL CHECK (choice IN ('granted', 'withdrawn')),
    at         INTEGER NOT NULL,
    via        TEXT NOT NULL,
    language   TEXT NOT NULL,
    text_hash  TEXT NOT NULL -- SHA-256 of the words shown
) STRICT;
CREATE INDEX consent_events_of ON consent_events (subject_id, at, seq);

CREATE TABLE packages (
    request_id TEXT PRIMARY KEY REFERENCES requests (id),
    state      TEXT NOT NULL CHECK (state IN ('queued', 'building', 'ready', 'failed', 'expired')),
    done       INTEGER NOT NULL DEFAULT 0, -- records written so far
    total      INTEGER NOT NULL DEFAULT 0,
    bytes      INTEGER NOT NULL DEFAULT 0,
    sha256     TEXT NOT NULL DEFAULT '',
    file_key   BLOB,  -- the key of the sealed file, itself sealed under the subject's
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    ready_at   INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX packages_work ON packages (next_at, request_id) WHERE state IN ('queued', 'building');
CREATE INDEX packages_ready ON packages (expires_at, request_id) WHERE state = 'ready';

-- Links in letters that stop an act without signing in.
CREATE TABLE stops (
    token_hash BLOB PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES requests (id),
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

CREATE TABLE letters (
    id         TEXT PRIMARY KEY,
    dedupe     TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    language   TEXT NOT NULL,
    subject_id TEXT REFERENCES subjects (id),
    request_id TEXT REFERENCES requests (id),
    body       BLOB, -- the composed letter, until it has left
    fleeting   INTEGER NOT NULL CHECK (fleeting IN (0, 1)),
    state      TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'parked')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    queued_at  INTEGER NOT NULL,
    next_at    INTEGER NOT NULL,
    sent_at    INTEGER NOT NULL DEFAULT 0,
    server_id  TEXT NOT NULL DEFAULT '', -- what the server called it
    failed_at  INTEGER NOT NULL DEFAULT 0, -- the last time that it did not leave
    fault      TEXT NOT NULL DEFAULT '',   -- why not, without the address
    expires_at INTEGER NOT NULL DEFAULT 0  -- what it says holds until then; 0 for ever
) STRICT;
CREATE INDEX letters_work ON letters (next_at, id) WHERE state IN ('queued', 'sending');
CREATE INDEX letters_of ON letters (request_id, queued_at);

-- The audit log: entries are leaves of a Merkle tree (RFC 6962), nodes its stored hashes.
CREATE TABLE audit_entries (
    seq        INTEGER PRIMARY KEY, -- from 1, without gaps
    at         INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    act        TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    leaf       BLOB NOT NULL -- the exact bytes that were hashed
) STRICT;
CREATE INDEX audit_subject ON audit_entries (subject_id, seq);

CREATE TABLE audit_nodes (
    idx  INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
) STRICT;

-- How long the log is and what its root is, with a keyed hash that only the holder of the key can make. It moves in the
-- transaction of each entry, so that not even the newest can be cut off.
CREATE TABLE audit_head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    size  INTEGER NOT NULL,
    proof BLOB NOT NULL
) STRICT;

-- The checkpoints that were signed and sent away.
CREATE TABLE audit_checkpoints (
    size    INTEGER PRIMARY KEY,
    note    BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_nodes_stay BEFORE UPDATE ON audit_nodes BEGIN SELECT RAISE(ABORT, 'audit nodes are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_nodes_kept BEFORE DELETE ON audit_nodes BEGIN SELECT RAISE(ABORT, 'audit nodes are never deleted'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoints_stay BEFORE UPDATE ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'audit checkpoints are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoints_kept BEFORE DELETE ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'audit checkpoints are never deleted'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER consent_events_stay BEFORE UPDATE ON consent_events BEGIN SELECT RAISE(ABORT, 'consent is a ledger: append'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER consent_events_kept BEFORE DELETE ON consent_events BEGIN SELECT RAISE(ABORT, 'consent is a ledger: append'); END;
-- +goose StatementEnd
