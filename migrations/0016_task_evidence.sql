-- +goose Up
-- Who did a task and on which day, where whoever writes it down is not who did it: what is done in a system that nothing can
-- ask is shown by this, by a note and by files (GDPR Art. 5(2)).
ALTER TABLE tasks ADD COLUMN by_whom BLOB; -- sealed
ALTER TABLE tasks ADD COLUMN done_on TEXT NOT NULL DEFAULT '';
