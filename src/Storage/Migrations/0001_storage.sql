-- A node number lease: "lease_until" is also the high-water mark, since no id carries a time at or after it.
CREATE TABLE node (
    id          INT    NOT NULL PRIMARY KEY,
    lease_until BIGINT NOT NULL
);

-- There is always a row to lock: two first processes must not both add number 0.
INSERT INTO node (id, lease_until) VALUES (0, 0);

-- Small facts about this installation, for example the demo clock.
CREATE TABLE setting (
    name  VARCHAR(64) NOT NULL PRIMARY KEY,
    value TEXT        NOT NULL
);
