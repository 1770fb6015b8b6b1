-- +goose Up
-- Letters of one request that are written in the same millisecond are listed in the order in which they were written.
ALTER TABLE letters ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
