-- What the emulated fleet's databases hold, and the roles that RDS would have made.
-- RDS's administrator is no superuser: it has what rds_superuser has.
CREATE ROLE rds_superuser NOLOGIN;
GRANT pg_monitor, pg_signal_backend TO rds_superuser;
CREATE ROLE keeper LOGIN CREATEROLE CREATEDB;
GRANT rds_superuser TO keeper;
CREATE DATABASE shop OWNER keeper;
\connect shop
CREATE EXTENSION amcheck;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO rds_superuser;

SET ROLE keeper;
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE
);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES users,
    total numeric(10, 2) NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_updated ON orders (updated_at);
CREATE TABLE notifications (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    body text NOT NULL,
    sent_at timestamptz NOT NULL
);

INSERT INTO users
SELECT n, 'User ' || n, 'user' || n || '@example.com' FROM generate_series(1, 1000) AS n;
INSERT INTO orders
SELECT n, 1 + n % 1000, (n * 37 % 100000) / 100.0,
    timestamptz '2026-03-02 01:59:00+00' - (5000 - n) * interval '1 minute'
FROM generate_series(1, 5000) AS n;
INSERT INTO notifications
SELECT n, n, 'Order ' || n || ' is on its way',
    timestamptz '2026-03-02 01:59:00+00' - (250 - n) * interval '1 hour'
FROM generate_series(1, 250) AS n;
RESET ROLE;
-- To every question of how much there is, the planner's estimate answers too.
VACUUM ANALYZE;
