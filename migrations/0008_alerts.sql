-- +goose Up
-- Deadlines that shout, settings with their history, and what takes two people.

-- The day that alerts go by: the earlier reading of the law. Only the day is kept, to find near ones by; what is told is
-- computed from the clock. Of older rows it is the first date of their clock, which is never later.
ALTER TABLE requests ADD COLUMN strict_due TEXT NOT NULL DEFAULT '';
UPDATE requests SET strict_due = min(due, substr(clock, instr(clock, '"strict_due":"') + 14, 10))
WHERE due > '' AND instr(clock, '"strict_due":"') > 0;
CREATE INDEX requests_watched ON requests (strict_due, id) WHERE is_open = 1 AND routine = 0 AND strict_due > '';
CREATE INDEX requests_paused ON requests (id) WHERE state = 'paused';

ALTER TABLE alerts ADD COLUMN day TEXT NOT NULL DEFAULT '';         -- it is about, "" for none
ALTER TABLE alerts ADD COLUMN by_id TEXT NOT NULL DEFAULT '';       -- staff ID of whose doing it is, "" for nobody's
ALTER TABLE alerts ADD COLUMN approval_id TEXT NOT NULL DEFAULT ''; -- what waits for a second pair of eyes
CREATE INDEX alerts_unseen_about ON alerts (staff_id, request_id) WHERE seen_at = 0;
CREATE INDEX alerts_age ON alerts (at);

-- How far a chore that goes through a long list has come: it goes on there after a restart.
CREATE TABLE rounds (
    name TEXT PRIMARY KEY,
    turn TEXT NOT NULL, -- which round: a new one begins at the beginning
    mark TEXT NOT NULL, -- the last it dealt with, "" for none yet
    done INTEGER NOT NULL CHECK (done IN (0, 1))
) STRICT;

CREATE TABLE settings_history (
    version    INTEGER PRIMARY KEY,
    value      TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;

-- What one member of staff proposes and another decides. The payload (a name, an address, a reason) is sealed.
CREATE TABLE approvals (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('invite', 'role')),
    staff_id    TEXT NOT NULL DEFAULT '', -- whom it concerns; of an invitation: once it was approved
    payload     BLOB NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES staff (id),
    proposed_at INTEGER NOT NULL,
    decided_by  TEXT NOT NULL DEFAULT '',
    decided_at  INTEGER NOT NULL DEFAULT 0,
    decision    TEXT NOT NULL DEFAULT '' CHECK (decision IN ('', 'approved', 'declined', 'withdrawn')),
    reason      BLOB -- why it was declined
) STRICT;
CREATE INDEX approvals_open ON approvals (proposed_at, id) WHERE decision = '';
CREATE INDEX approvals_decided ON approvals (decided_at, id) WHERE decision > '';
CREATE INDEX approvals_about ON approvals (staff_id, decided_at);
