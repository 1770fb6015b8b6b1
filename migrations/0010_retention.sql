-- +goose Up
-- What the proof of a request, and the end of its record, are looked up by. Choices of consent are not among the records
-- that end: the ledger they belong to is itself the proof of consent (GDPR Art. 7(1)) and goes with the key of its person.
CREATE INDEX audit_request ON audit_entries (request_id, seq) WHERE request_id > '';
CREATE INDEX requests_record ON requests (regime, closed_at, id)
    WHERE is_open = 0 AND pseudonymised_at = 0 AND "right" <> 'consent';
