-- What the emulated fleet's databases hold, and the administrator that RDS would have made.
-- Whoever else may come in through TCP is taken out.
DELETE FROM mysql.global_priv WHERE NOT (user IN ('root', 'mariadb.sys') AND host = 'localhost');
FLUSH PRIVILEGES;
CREATE USER keeper@'%' ACCOUNT LOCK;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER,
    SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE,
    REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT,
    TRIGGER ON *.* TO keeper@'%' WITH GRANT OPTION;

CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name varchar(100) NOT NULL,
    email varchar(100) NOT NULL UNIQUE
);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    total decimal(10, 2) NOT NULL,
    updated_at timestamp NOT NULL,
    KEY orders_customer (customer_id),
    KEY orders_updated (updated_at),
    FOREIGN KEY (customer_id) REFERENCES users (id)
);
CREATE TABLE notifications (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL,
    body varchar(200) NOT NULL,
    sent_at timestamp NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id)
);

INSERT INTO users
SELECT seq, CONCAT('User ', seq), CONCAT('user', seq, '@example.com') FROM seq_1_to_1000;
INSERT INTO orders
SELECT seq, 1 + seq % 1000, (seq * 37 % 100000) / 100,
    timestamp '2026-03-02 01:59:00' - INTERVAL (5000 - seq) MINUTE
FROM seq_1_to_5000;
INSERT INTO notifications
SELECT seq, seq, CONCAT('Order ', seq, ' is on its way'),
    timestamp '2026-03-02 01:59:00' - INTERVAL (250 - seq) HOUR
FROM seq_1_to_250;
ANALYZE TABLE users, orders, notifications;
