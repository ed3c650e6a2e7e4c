-- What happened, for those who may not be called: a row is written with the change that it tells of, and deleted with what follows from it.
-- next_at (system time): when to look at it; NULL when it was given up and waits for a person. Never read by id as a cursor: ids are not in commit order.
CREATE TABLE event (
    id       BIGINT      NOT NULL PRIMARY KEY,
    kind     VARCHAR(40) NOT NULL,
    body     TEXT        NOT NULL,
    attempts INT         NOT NULL,
    next_at  BIGINT
);
CREATE INDEX ix_event_next ON event (next_at);
