-- A second system, keyed by nothing but the mailbox.
CREATE TABLE visits (id INTEGER PRIMARY KEY, email TEXT, page TEXT);
INSERT INTO visits VALUES
    (1, 'ann@example.com', 'Visit-Ann'), (2, 'bo@example.com', 'Visit-Bo'), (3, 'pair@example.com', 'Visit-Pair');
