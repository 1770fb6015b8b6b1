-- The database of the warehouse, which another company runs: it knows customers by their number only.

CREATE TABLE deliveries (
    id          INTEGER PRIMARY KEY,
    customer_no TEXT NOT NULL,
    order_no    TEXT NOT NULL,
    shipped_at  TEXT NOT NULL,
    carrier     TEXT NOT NULL,
    tracking_no TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    address     TEXT NOT NULL,
    signed_by   TEXT,
    state       TEXT NOT NULL
);
CREATE INDEX deliveries_customer ON deliveries (customer_no);

CREATE TABLE returns (
    id          INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    received_at TEXT NOT NULL,
    reason      TEXT NOT NULL,
    refund      REAL NOT NULL
);
CREATE INDEX returns_delivery ON returns (delivery_id);
