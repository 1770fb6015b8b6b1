-- A made-up shop with everything that makes discovery hard.
CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
CREATE TABLE customers (
  id INTEGER PRIMARY KEY, customer_no TEXT, name TEXT, email TEXT, phone TEXT, born DATE, newsletter BOOLEAN NOT NULL DEFAULT 0,
  points NUMERIC(10,2), id_card TEXT, rep_id INTEGER REFERENCES staff (id), referred_by INTEGER REFERENCES customers (id),
  profile TEXT, photo BLOB
);
CREATE TABLE addresses (id INTEGER PRIMARY KEY, customer_id INTEGER, street TEXT, postcode TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, contact_email TEXT, placed DATETIME, ship_to INTEGER, last_shipment INTEGER, note TEXT);
CREATE TABLE order_lines (order_id INTEGER, line INTEGER, sku TEXT, amount DECIMAL(10,2), gift_text TEXT, PRIMARY KEY (order_id, line)) WITHOUT ROWID;
CREATE TABLE products (sku TEXT PRIMARY KEY, title TEXT, maker_id INTEGER);
CREATE TABLE makers (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE comments (id INTEGER PRIMARY KEY, order_id INTEGER, customer_id INTEGER, reply_to INTEGER, body TEXT);
CREATE TABLE messages (id INTEGER PRIMARY KEY, sender_id INTEGER, recipient_id INTEGER, body TEXT);
CREATE TABLE mail_log (id INTEGER PRIMARY KEY, email TEXT, subject TEXT);
CREATE TABLE sms_log (id INTEGER PRIMARY KEY, phone TEXT, body TEXT);
CREATE TABLE carts (cart_no TEXT, slot TEXT, customer_no TEXT, items TEXT, PRIMARY KEY (cart_no, slot));
CREATE TABLE shipments (id INTEGER PRIMARY KEY, order_id INTEGER, carrier TEXT, parcel_no TEXT);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX comments_customer ON comments (customer_id);

INSERT INTO staff VALUES (1, 'Staff-Ruth', 'ruth@shop.example'), (2, 'Staff-Sven', 'sven@shop.example');
INSERT INTO makers VALUES (1, 'Maker-One'), (2, 'Maker-Two');
INSERT INTO products VALUES ('P1', 'Lamp', 1), ('P2', 'Chair', 2), ('P3', 'Table', 2);
INSERT INTO customers VALUES
  (1, 'C-1', 'Name-Ann',  'Ann@Example.com ', '+49 711 284 2222', '1990-02-03', 1, 12.5, '11010519491231002X', 1, NULL,
   '{"nick":"Nick-Ann","loyalty":{"card":"L-1","tier":2},"friends":[{"name":"Friend-Eve","since":2019}],"tags":["a","b"],"unmapped":"Unmapped-Ann"}', x'00ff'),
  (2, 'C-2', 'Name-Bob',  'bob@example.com',  '0711 2842223', '1991-01-01', 0, 3, NULL, 1, 1, '{"nick":"Nick-Bob","loyalty":{"card":"L-2"}}', NULL),
  (3, 'C-3', 'Name-Cleo', 'family@example.com', '+1 (415) 555-0100', NULL, 0, NULL, NULL, 2, NULL, 'not json', NULL),
  (4, 'C-4', 'Name-Dan',  'FAMILY@example.com', '+1 (415) 555-0199', NULL, 0, NULL, NULL, 2, 3, NULL, NULL),
  (5, 'C-5', 'Name-Lookalike', 'аnn@example.com', NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, NULL,  'Name-Bad' || x'80', 'bad@example.com', NULL, NULL, 0, NULL, NULL, NULL, NULL, '[]', NULL);
INSERT INTO addresses VALUES (1, 1, 'Street-Ann', 'SW1A 1AA'), (2, 2, 'Street-Bob', '70173'), (3, 3, 'Street-Cleo', '94105'), (4, 4, 'Street-Dan', '94105-1'), (5, NULL, 'Street-Nobody', '0');
INSERT INTO orders VALUES
  (1, 1, NULL, '2026-01-02 10:00:00', 1, 1, 'Order-Ann-1'), (2, 1, 'ann@example.com', '2026-02-02', 2, NULL, 'Order-Ann-2'),
  (3, 2, 'ann@example.com', '2026-03-02', 2, 2, 'Order-Bob-3'), (4, NULL, 'ANN@example.com', NULL, NULL, NULL, 'Order-Guest-Ann'),
  (5, 3, NULL, NULL, 3, NULL, 'Order-Cleo'), (6, 4, NULL, NULL, 4, NULL, 'Order-Dan'), (7, NULL, 'family@example.com', NULL, NULL, NULL, 'Order-Family');
INSERT INTO order_lines VALUES (1, 1, 'P1', 9.90, 'Gift-Ann-1'), (1, 2, 'P2', 5, 'Gift-Ann-2'), (2, 1, 'P2', 1.25, NULL), (3, 1, 'P2', 5, 'Gift-Bob'), (3, 2, 'P3', 5, NULL), (4, 1, 'P1', 1, 'Gift-Guest'), (5, 1, 'P3', 1, 'Gift-Cleo');
INSERT INTO comments VALUES (1, 1, 1, NULL, 'Comment-Ann'), (2, 1, 2, 1, 'Comment-Bob-on-Ann'), (3, 1, NULL, NULL, 'Comment-Nobody-on-Ann'), (4, 3, 2, NULL, 'Comment-Bob');
INSERT INTO messages VALUES (1, 1, 2, 'Message-Ann-to-Bob'), (2, 2, 3, 'Message-Bob-to-Cleo'), (3, 1, 1, 'Message-Ann-to-herself');
INSERT INTO mail_log VALUES (1, 'ann@example.com', 'Mail-Ann'), (2, 'bob@example.com', 'Mail-Bob'), (3, 'family@example.com', 'Mail-Family'), (4, NULL, 'Mail-Null');
INSERT INTO sms_log VALUES (1, '+497112842222', 'Sms-Ann'), (2, '07112842223', 'Sms-Bob');
INSERT INTO carts VALUES ('K1', 'a', 'C-1', '[{"sku":"P3","note":"Cart-Ann"}]'), ('K1', NULL, 'C-1', 'not json'), ('K2', 'a', 'C-2', '[{"sku":"P1","note":"Cart-Bob"}]');
INSERT INTO shipments VALUES (1, 1, 'Carrier-X', 'PX-1'), (2, 3, 'Carrier-X', 'PX-2'), (3, 3, 'Carrier-Y', 'PX-1b');
