-- A second system, which knows customers by their number and has other addresses of them.
CREATE TABLE contacts (contact_id TEXT PRIMARY KEY, customer_no TEXT, email TEXT, mood TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, contact_id TEXT, body TEXT);
CREATE TABLE loyalty (card TEXT PRIMARY KEY, balance INTEGER);
CREATE TABLE parcels (parcel_no TEXT PRIMARY KEY, door TEXT);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, order_id INTEGER, stars INTEGER, words TEXT);
INSERT INTO contacts VALUES ('k/1', 'C-1', 'ann@work.example', 'Mood-Ann'), ('k/2', 'C-2', 'bob@example.com', 'Mood-Bob'), ('k/3', 'C-3', 'cleo@work.example', 'Mood-Cleo'), ('k~4', NULL, 'family@example.com', 'Mood-Family');
INSERT INTO notes VALUES (1, 'k/1', 'Note-Ann'), (2, 'k/2', 'Note-Bob'), (3, 'k/3', 'Note-Cleo'), (4, 'k~4', 'Note-Family'), (5, NULL, 'Note-Null');
INSERT INTO loyalty VALUES ('L-1', 100), ('L-2', 200);
INSERT INTO parcels VALUES ('PX-1', 'Door-Ann'), ('PX-2', 'Door-Bob');
INSERT INTO reviews VALUES (1, 1, 5, 'Review-Ann'), (2, 3, 1, 'Review-Bob');
