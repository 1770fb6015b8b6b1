-- +goose Up
-- The quarterly self-check, as it was signed. The record (findings, remarks, who signed) is sealed under the portal's key.
CREATE TABLE reviews (
    id        TEXT PRIMARY KEY,
    signed_at INTEGER NOT NULL,
    staff_id  TEXT NOT NULL REFERENCES staff (id),
    sha256    TEXT NOT NULL, -- of the record before it was sealed; it stands in the audit log, too
    record    BLOB NOT NULL
) STRICT;
CREATE INDEX reviews_signed ON reviews (signed_at, id);

-- +goose StatementBegin
CREATE TRIGGER reviews_stay BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'a signed review is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reviews_kept BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'a signed review is never deleted'); END;
-- +goose StatementEnd

-- When each source was last asked whether it is there, and when it last answered.
CREATE TABLE source_contacts (
    source     TEXT PRIMARY KEY,
    asked_at   INTEGER NOT NULL,
    reached_at INTEGER NOT NULL DEFAULT 0,
    trouble    TEXT NOT NULL DEFAULT '' -- of the last time it was asked; "" where it answered
) STRICT;

-- When each member of staff last came in with both factors. Sessions are swept after a month; this stays.
CREATE TABLE staff_sign_ins (
    staff_id TEXT PRIMARY KEY REFERENCES staff (id),
    at       INTEGER NOT NULL
) STRICT;
INSERT INTO staff_sign_ins (staff_id, at)
    SELECT staff_id, MAX(step_up_at) FROM sessions WHERE kind = 'staff' AND step_up_at > 0 GROUP BY staff_id;

-- +goose StatementBegin
CREATE TRIGGER staff_came_in AFTER INSERT ON sessions WHEN NEW.kind = 'staff' AND NEW.step_up_at > 0 BEGIN
    INSERT INTO staff_sign_ins (staff_id, at) VALUES (NEW.staff_id, NEW.step_up_at)
    ON CONFLICT (staff_id) DO UPDATE SET at = excluded.at;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER staff_confirmed AFTER UPDATE OF step_up_at ON sessions WHEN NEW.kind = 'staff' AND NEW.step_up_at > OLD.step_up_at BEGIN
    INSERT INTO staff_sign_ins (staff_id, at) VALUES (NEW.staff_id, NEW.step_up_at)
    ON CONFLICT (staff_id) DO UPDATE SET at = excluded.at;
END;
-- +goose StatementEnd

-- Which consents run out is asked purpose by purpose.
CREATE INDEX consent_events_purpose ON consent_events (purpose, at);
