-- The database of Harbour & Home as its developers left it: some columns are JSON, some people share an address, and
-- nothing in it was made for a privacy portal.

CREATE TABLE customers (
    id            INTEGER PRIMARY KEY,
    customer_no   TEXT NOT NULL UNIQUE,
    email         TEXT NOT NULL,
    full_name     TEXT NOT NULL,
    phone         TEXT,
    street        TEXT,
    postcode      TEXT,
    city          TEXT,
    country       TEXT NOT NULL,
    birth_date    TEXT,
    invoice_email TEXT,
    loyalty_no    TEXT UNIQUE,
    tax_id        TEXT,
    language      TEXT NOT NULL,
    preferences   TEXT,
    segment       TEXT,
    password_hash TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    no_sharing    BOOLEAN,
    account_state TEXT
);
CREATE INDEX customers_email ON customers (email);

CREATE TABLE addresses (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    label       TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    street      TEXT NOT NULL,
    postcode    TEXT NOT NULL,
    city        TEXT NOT NULL,
    country     TEXT NOT NULL
);
CREATE INDEX addresses_customer ON addresses (customer_id);

CREATE TABLE products (
    id       INTEGER PRIMARY KEY,
    sku      TEXT NOT NULL UNIQUE,
    name_en  TEXT NOT NULL,
    name_zh  TEXT NOT NULL,
    range_en TEXT NOT NULL,
    price    REAL NOT NULL
);

CREATE TABLE orders (
    id             INTEGER PRIMARY KEY,
    order_no       TEXT NOT NULL UNIQUE,
    customer_id    INTEGER NOT NULL REFERENCES customers (id),
    placed_at      TEXT NOT NULL,
    status         TEXT NOT NULL,
    total          REAL NOT NULL,
    currency       TEXT NOT NULL,
    gift_message   TEXT,
    gift_recipient TEXT
);
CREATE INDEX orders_customer ON orders (customer_id);

CREATE TABLE order_lines (
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    line_no    INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity   INTEGER NOT NULL,
    unit_price REAL NOT NULL,
    PRIMARY KEY (order_id, line_no)
);

CREATE TABLE payment_methods (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    kind        TEXT NOT NULL,
    holder      TEXT NOT NULL,
    number      TEXT NOT NULL,
    expires     TEXT
);
CREATE INDEX payment_methods_customer ON payment_methods (customer_id);

CREATE TABLE loyalty_events (
    id         INTEGER PRIMARY KEY,
    loyalty_no TEXT NOT NULL REFERENCES customers (loyalty_no),
    at         TEXT NOT NULL,
    points     INTEGER NOT NULL,
    reason     TEXT NOT NULL
);
CREATE INDEX loyalty_events_no ON loyalty_events (loyalty_no);

CREATE TABLE support_tickets (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    opened_at   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    subject     TEXT NOT NULL,
    status      TEXT NOT NULL
);
CREATE INDEX support_tickets_customer ON support_tickets (customer_id);

CREATE TABLE ticket_replies (
    id           INTEGER PRIMARY KEY,
    ticket_id    INTEGER NOT NULL REFERENCES support_tickets (id),
    written_at   TEXT NOT NULL,
    by_customer  BOOLEAN NOT NULL,
    staff_author TEXT,
    body         TEXT NOT NULL
);
CREATE INDEX ticket_replies_ticket ON ticket_replies (ticket_id);

CREATE TABLE newsletter_log (
    id      INTEGER PRIMARY KEY,
    email   TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    issue   TEXT NOT NULL,
    opened  BOOLEAN NOT NULL
);
CREATE INDEX newsletter_log_email ON newsletter_log (email);

CREATE TABLE devices (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    device      TEXT NOT NULL,
    cookie_id   TEXT NOT NULL,
    last_ip     TEXT,
    last_seen   TEXT NOT NULL
);
CREATE INDEX devices_customer ON devices (customer_id);

CREATE TABLE visits (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    at          TEXT NOT NULL,
    page        TEXT NOT NULL,
    seconds     INTEGER NOT NULL
);
CREATE INDEX visits_customer ON visits (customer_id);
