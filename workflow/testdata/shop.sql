-- The shop of the tests: two customers with a mailbox each, two behind one, and records of every kind that rules differ for.
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, customer_no TEXT, email TEXT, name TEXT, phone TEXT, postcode TEXT, card TEXT, prefs TEXT
);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, placed_on TEXT, note TEXT);
CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, quantity INTEGER);
CREATE TABLE products (id INTEGER PRIMARY KEY, title TEXT);
INSERT INTO customers VALUES
    (1, 'C-1001', 'ann@example.com', 'Annabel Harker', '+49 711 5550101', '70173', '4111111111111111',
     '{"nick":"Nick-Ann","wallet":{"pin":"Pin-Ann-1"},"cards":[{"pin":"Pin-Ann-2"}],"drawers":[[{"pin":"Pin-Ann-3"}]]}'),
    (2, 'C-1002', 'bo@example.com', 'Boris Lindqvist', '+46 8 5550102', '11120', '5500000000000004', '{"nick":"Nick-Bo"}'),
    (3, 'C-1003', 'pair@example.com', 'Cleo Marchetti', '+39 06 5550103', '00184', NULL, NULL),
    (4, 'C-1004', 'pair@example.com', 'Dario Marchetti', '+39 06 5550104', '00185', NULL, NULL);
INSERT INTO orders VALUES
    (11, 1, '2026-05-02', 'Order-Ann' || char(13, 10) || 'second line'), (12, 2, '2026-05-03', 'Order-Bo'),
    (13, 3, '2026-06-01', 'Order-Cleo'), (14, 4, '2026-06-02', 'Order-Dario');
INSERT INTO products VALUES (31, 'Lamp'), (32, 'Chair');
INSERT INTO order_lines VALUES (21, 11, 31, 1), (22, 12, 32, 2), (23, 13, 31, 3), (24, 14, 32, 4);
