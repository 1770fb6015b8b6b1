CREATE TABLE customers (
    id INTEGER PRIMARY KEY, customer_no TEXT, email TEXT, name TEXT, phone TEXT, postcode TEXT, birthday TEXT
);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, placed_on TEXT, total TEXT, note TEXT);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER, product TEXT, quantity INTEGER);
INSERT INTO customers VALUES
    (1, 'C-1001', 'marta@example.org', 'Marta Nowak', '+48 22 555 01 01', '00-950', '1987-04-12'),
    (2, 'C-1002', 'wenbo@example.cn', '周文博', '13800138000', '200040', '1990-11-30'),
    (3, 'C-1003', 'family@example.org', 'Anna Weber', '+49 30 5550101', '10115', '1975-01-02'),
    (4, 'C-1004', 'family@example.org', 'Jonas Weber', '+49 30 5550102', '20095', '1974-06-07');
INSERT INTO orders VALUES
    (11, 1, '2026-05-02', '39.90', 'Leave it with the neighbour'),
    (12, 1, '2026-08-19', '120.00', ''),
    (13, 3, '2026-07-01', '15.50', 'Anna only'),
    (14, 4, '2026-07-03', '18.00', 'Jonas only');
INSERT INTO lines VALUES (21, 11, 'Lamp', 1), (22, 12, 'Chair', 2), (23, 13, 'Vase', 1), (24, 14, 'Tray', 3);
