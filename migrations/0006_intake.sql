-- +goose Up
-- What comes in at the desk: people without a mailbox, whoever acts for somebody else, and files.

-- Where somebody without a mailbox gets their letters: on paper.
CREATE TABLE postal (
    subject_id TEXT PRIMARY KEY REFERENCES subjects (id),
    name       BLOB NOT NULL,
    address    BLOB NOT NULL
) STRICT;

-- Who acts for the person of a request, and how it was confirmed that they may. A person who says that they may not ends
-- the request.
CREATE TABLE mandates (
    request_id   TEXT PRIMARY KEY REFERENCES requests (id),
    kind         TEXT NOT NULL CHECK (kind IN ('agent', 'lawyer', 'attorney', 'guardian', 'relative')),
    name         BLOB NOT NULL,
    contact      BLOB NOT NULL, -- where they can be reached
    relation     TEXT NOT NULL,
    confirmed_at INTEGER NOT NULL DEFAULT 0,
    confirmed_by TEXT NOT NULL DEFAULT '', -- the person's subject ID, or a staff ID
    how          TEXT NOT NULL DEFAULT '' CHECK (how IN ('', 'person', 'document'))
) STRICT;

-- Files of a request: of a message, of a mandate, or of the team alone. The body is last: whoever lists files reads no page
-- of it.
CREATE TABLE files (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL REFERENCES requests (id),
    message_id TEXT NOT NULL DEFAULT '',
    mandate    INTEGER NOT NULL CHECK (mandate IN (0, 1)),
    type       TEXT NOT NULL CHECK (type IN ('application/pdf', 'image/jpeg', 'image/png')),
    bytes      INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    at         INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    private    INTEGER NOT NULL CHECK (private IN (0, 1)), -- for the team only
    name       BLOB NOT NULL,
    body       BLOB NOT NULL
) STRICT;
CREATE INDEX files_of ON files (request_id, at, seq);
