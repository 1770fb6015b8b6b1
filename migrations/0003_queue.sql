-- +goose Up
-- The queue. Every request is in one of three lots: open, closed, or routine (answered by the machine, kept out of the
-- way). A page of it is read along an index, whatever it is narrowed by. There are few of them, because each is written
-- with every request: a lot has one an order; one an owner and order; and one a kind and order, where a kind is right, law,
-- channel, language and state together. A filter that leaves several kinds merges their walks. The first two carry what they
-- may be narrowed by, so that what is passed over costs no look at the request itself.

DROP INDEX requests_queue;
DROP INDEX requests_mine;
DROP INDEX requests_closed;
DROP INDEX requests_routine;

CREATE INDEX requests_open_due ON requests (due, id, "right", regime, channel, language, state, owner_id)
    WHERE is_open = 1 AND routine = 0;
CREATE INDEX requests_open_received ON requests (received_at, id, "right", regime, channel, language, state, owner_id)
    WHERE is_open = 1 AND routine = 0;
-- Also of what is routine: what somebody has taken on is theirs.
CREATE INDEX requests_open_owner_due ON requests (owner_id, due, id, "right", regime, channel, language, state, routine)
    WHERE is_open = 1;
CREATE INDEX requests_open_owner_received ON requests (owner_id, received_at, id, "right", regime, channel, language, state)
    WHERE is_open = 1 AND routine = 0;
CREATE INDEX requests_open_kind_due ON requests ("right", regime, channel, language, state, due, id)
    WHERE is_open = 1 AND routine = 0;
CREATE INDEX requests_open_kind_received ON requests ("right", regime, channel, language, state, received_at, id)
    WHERE is_open = 1 AND routine = 0;
-- A stretch of due days in the order of receipt is merged day by day.
CREATE INDEX requests_open_day ON requests (due, received_at, id) WHERE is_open = 1 AND routine = 0;

CREATE INDEX requests_closed_closed ON requests (closed_at, id, "right", regime, channel, language, state, owner_id)
    WHERE is_open = 0 AND routine = 0;
CREATE INDEX requests_closed_received ON requests (received_at, id, "right", regime, channel, language, state, owner_id)
    WHERE is_open = 0 AND routine = 0;
CREATE INDEX requests_closed_owner_closed ON requests (owner_id, closed_at, id, "right", regime, channel, language, state)
    WHERE is_open = 0 AND routine = 0;
CREATE INDEX requests_closed_owner_received ON requests (owner_id, received_at, id, "right", regime, channel, language, state)
    WHERE is_open = 0 AND routine = 0;
CREATE INDEX requests_closed_kind_closed ON requests ("right", regime, channel, language, state, closed_at, id)
    WHERE is_open = 0 AND routine = 0;
CREATE INDEX requests_closed_kind_received ON requests ("right", regime, channel, language, state, received_at, id)
    WHERE is_open = 0 AND routine = 0;

CREATE INDEX requests_routine_received ON requests (received_at, id, "right", regime, channel, language, state, owner_id)
    WHERE routine = 1;
CREATE INDEX requests_routine_owner_received ON requests (owner_id, received_at, id, "right", regime, channel, language, state)
    WHERE routine = 1;
CREATE INDEX requests_routine_kind_received ON requests ("right", regime, channel, language, state, received_at, id)
    WHERE routine = 1;

-- How many requests of each kind a lot holds: what a filter leaves, and so which walk is the shortest.
CREATE TABLE request_kinds (
    lot      TEXT NOT NULL,
    "right"  TEXT NOT NULL,
    regime   TEXT NOT NULL,
    channel  TEXT NOT NULL,
    language TEXT NOT NULL,
    state    TEXT NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (lot, "right", regime, channel, language, state)
) STRICT, WITHOUT ROWID;

-- A view of the queue that somebody keeps: what it is narrowed by, '' for anything.
CREATE TABLE saved_views (
    id       TEXT PRIMARY KEY,
    staff_id TEXT NOT NULL DEFAULT '', -- whose it is; '' for everybody's
    name     BLOB NOT NULL,
    view     TEXT NOT NULL,
    "right"  TEXT NOT NULL,
    state    TEXT NOT NULL,
    regime   TEXT NOT NULL,
    owner_id TEXT NOT NULL, -- also of a view that says it by its name; 'nobody' for those without
    due      TEXT NOT NULL,
    channel  TEXT NOT NULL,
    language TEXT NOT NULL,
    sort     TEXT NOT NULL,
    lot      TEXT NOT NULL CHECK (lot IN ('open', 'closed', 'routine', 'all', 'none')),
    by_day   INTEGER NOT NULL CHECK (by_day IN (0, 1)), -- whether its count depends on today
    made_at  INTEGER NOT NULL,
    made_by  TEXT NOT NULL
) STRICT;
CREATE INDEX saved_views_of ON saved_views (staff_id, made_at, id);

-- How many requests a saved view holds, by the day they are due where that matters: kept, never counted. "open" is the
-- view of that name, which everybody has.
CREATE TABLE view_tallies (
    view_id TEXT NOT NULL,
    due     TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (view_id, due)
) STRICT, WITHOUT ROWID;

-- What counts a request in (n = 1) or out (n = -1) of its kind and of every view that it matches; nothing is ever read from
-- it.
CREATE VIEW request_counts AS
SELECT 1 AS n, is_open, routine, due, owner_id, "right", state, regime, channel, language FROM requests;

-- +goose StatementBegin
CREATE TRIGGER request_counts_kept INSTEAD OF INSERT ON request_counts BEGIN
    INSERT INTO view_tallies (view_id, due, n)
    SELECT v.id, CASE v.by_day WHEN 1 THEN NEW.due ELSE '' END, NEW.n FROM saved_views v
    WHERE (v.lot = 'all' OR v.lot = CASE WHEN NEW.routine = 1 THEN 'routine' WHEN NEW.is_open = 1 THEN 'open' ELSE 'closed' END)
      AND (v."right" = '' OR v."right" = NEW."right")
      AND (v.state = '' OR v.state = NEW.state)
      AND (v.regime = '' OR v.regime = NEW.regime)
      AND (v.owner_id = '' OR v.owner_id = CASE NEW.owner_id WHEN '' THEN 'nobody' ELSE NEW.owner_id END)
      AND (v.channel = '' OR v.channel = NEW.channel)
      AND (v.language = '' OR v.language = NEW.language)
    UNION ALL
    SELECT 'open', NEW.due, NEW.n WHERE NEW.is_open = 1 AND NEW.routine = 0
    ON CONFLICT (view_id, due) DO UPDATE SET n = view_tallies.n + excluded.n;
    INSERT INTO request_kinds (lot, "right", regime, channel, language, state, n)
    VALUES (CASE WHEN NEW.routine = 1 THEN 'routine' WHEN NEW.is_open = 1 THEN 'open' ELSE 'closed' END, NEW."right", NEW.regime,
        NEW.channel, NEW.language, NEW.state, NEW.n)
    ON CONFLICT (lot, "right", regime, channel, language, state) DO UPDATE SET n = request_kinds.n + excluded.n;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER view_tallies_end AFTER UPDATE ON view_tallies WHEN NEW.n = 0 BEGIN
    DELETE FROM view_tallies WHERE view_id = NEW.view_id AND due = NEW.due;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_viewed AFTER INSERT ON requests BEGIN
    INSERT INTO request_counts VALUES (1, NEW.is_open, NEW.routine, NEW.due, NEW.owner_id, NEW."right", NEW.state, NEW.regime,
        NEW.channel, NEW.language);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_reviewed AFTER UPDATE OF is_open, routine, due, owner_id, "right", state, regime, channel, language ON requests
WHEN OLD.is_open <> NEW.is_open OR OLD.routine <> NEW.routine OR OLD.due <> NEW.due OR OLD.owner_id <> NEW.owner_id
  OR OLD."right" <> NEW."right" OR OLD.state <> NEW.state OR OLD.regime <> NEW.regime OR OLD.channel <> NEW.channel
  OR OLD.language <> NEW.language
BEGIN
    INSERT INTO request_counts VALUES (-1, OLD.is_open, OLD.routine, OLD.due, OLD.owner_id, OLD."right", OLD.state, OLD.regime,
        OLD.channel, OLD.language);
    INSERT INTO request_counts VALUES (1, NEW.is_open, NEW.routine, NEW.due, NEW.owner_id, NEW."right", NEW.state, NEW.regime,
        NEW.channel, NEW.language);
END;
-- +goose StatementEnd

INSERT INTO view_tallies (view_id, due, n)
SELECT 'open', due, COUNT(*) FROM requests WHERE is_open = 1 AND routine = 0 GROUP BY due;

INSERT INTO request_kinds (lot, "right", regime, channel, language, state, n)
SELECT CASE WHEN routine = 1 THEN 'routine' WHEN is_open = 1 THEN 'open' ELSE 'closed' END, "right", regime, channel, language, state, COUNT(*)
FROM requests GROUP BY 1, 2, 3, 4, 5, 6;
