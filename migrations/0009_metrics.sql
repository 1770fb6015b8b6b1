-- +goose Up
-- The numbers of the dashboard are kept, never counted: how many requests came in and were answered on which day of the
-- house, and how long that took. They outlive what is personal of a request, and follow it when it is reopened.

ALTER TABLE requests ADD COLUMN received_day TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN closed_day TEXT NOT NULL DEFAULT ''; -- '' while open
ALTER TABLE requests ADD COLUMN days INTEGER NOT NULL DEFAULT 0;     -- from the one to the other

CREATE TABLE received_numbers (
    day     TEXT NOT NULL,
    routine INTEGER NOT NULL,
    "right" TEXT NOT NULL,
    regime  TEXT NOT NULL,
    channel TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (day, routine, "right", regime, channel)
) STRICT;

CREATE TABLE answered_numbers (
    day     TEXT NOT NULL,
    routine INTEGER NOT NULL,
    "right" TEXT NOT NULL,
    regime  TEXT NOT NULL,
    channel TEXT NOT NULL,
    state   TEXT NOT NULL,
    ground  TEXT NOT NULL, -- of a fulfilled request: of the part that was refused
    late    INTEGER NOT NULL,
    days    INTEGER NOT NULL,
    came    TEXT NOT NULL, -- the year of receipt: what is compiled by the year counts by that
    n       INTEGER NOT NULL,
    PRIMARY KEY (day, routine, "right", regime, channel, state, ground, late, days)
) STRICT;

CREATE TABLE consent_numbers (
    day     TEXT NOT NULL,
    purpose TEXT NOT NULL,
    choice  TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (day, purpose, choice)
) STRICT;

-- What was written before counts by the day in Greenwich.
UPDATE requests SET received_day = date(received_at / 1000, 'unixepoch');
UPDATE requests SET closed_day = date(closed_at / 1000, 'unixepoch'),
    days = julianday(date(closed_at / 1000, 'unixepoch')) - julianday(received_day) WHERE is_open = 0;
INSERT INTO received_numbers (day, routine, "right", regime, channel, n)
    SELECT received_day, routine, "right", regime, channel, COUNT(*) FROM requests GROUP BY 1, 2, 3, 4, 5;
INSERT INTO answered_numbers (day, routine, "right", regime, channel, state, ground, late, days, came, n)
    SELECT closed_day, routine, "right", regime, channel, state, ground, due > '' AND closed_day > due, days, substr(received_day, 1, 4), COUNT(*)
    FROM requests WHERE is_open = 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
INSERT INTO consent_numbers (day, purpose, choice, n)
    SELECT date(at / 1000, 'unixepoch'), purpose, choice, COUNT(*) FROM consent_events GROUP BY 1, 2, 3;

-- +goose StatementBegin
CREATE TRIGGER requests_came AFTER INSERT ON requests BEGIN
    INSERT INTO received_numbers (day, routine, "right", regime, channel, n)
    VALUES (NEW.received_day, NEW.routine, NEW."right", NEW.regime, NEW.channel, 1)
    ON CONFLICT (day, routine, "right", regime, channel) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_came_answered AFTER INSERT ON requests WHEN NEW.is_open = 0 BEGIN
    INSERT INTO answered_numbers (day, routine, "right", regime, channel, state, ground, late, days, came, n)
    VALUES (NEW.closed_day, NEW.routine, NEW."right", NEW.regime, NEW.channel, NEW.state, NEW.ground,
            NEW.due > '' AND NEW.closed_day > NEW.due, NEW.days, substr(NEW.received_day, 1, 4), 1)
    ON CONFLICT (day, routine, "right", regime, channel, state, ground, late, days) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_moved AFTER UPDATE OF regime, routine ON requests
WHEN NEW.regime <> OLD.regime OR NEW.routine <> OLD.routine BEGIN
    UPDATE received_numbers SET n = n - 1
    WHERE day = OLD.received_day AND routine = OLD.routine AND "right" = OLD."right" AND regime = OLD.regime AND channel = OLD.channel;
    INSERT INTO received_numbers (day, routine, "right", regime, channel, n)
    VALUES (NEW.received_day, NEW.routine, NEW."right", NEW.regime, NEW.channel, 1)
    ON CONFLICT (day, routine, "right", regime, channel) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_reopened AFTER UPDATE OF is_open, state, ground, regime, routine, due, closed_day ON requests WHEN OLD.is_open = 0 BEGIN
    UPDATE answered_numbers SET n = n - 1
    WHERE day = OLD.closed_day AND routine = OLD.routine AND "right" = OLD."right" AND regime = OLD.regime AND channel = OLD.channel
      AND state = OLD.state AND ground = OLD.ground AND late = (OLD.due > '' AND OLD.closed_day > OLD.due) AND days = OLD.days;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requests_answered AFTER UPDATE OF is_open, state, ground, regime, routine, due, closed_day ON requests WHEN NEW.is_open = 0 BEGIN
    INSERT INTO answered_numbers (day, routine, "right", regime, channel, state, ground, late, days, came, n)
    VALUES (NEW.closed_day, NEW.routine, NEW."right", NEW.regime, NEW.channel, NEW.state, NEW.ground,
            NEW.due > '' AND NEW.closed_day > NEW.due, NEW.days, substr(NEW.received_day, 1, 4), 1)
    ON CONFLICT (day, routine, "right", regime, channel, state, ground, late, days) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- Letters that have not left though they should.
CREATE INDEX letters_failed ON letters (failed_at) WHERE failed_at > 0 AND state <> 'sent';
