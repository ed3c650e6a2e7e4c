-- Points that pay for a ticket. live is 1 while the ticket has them, then NULL: so its unique key lets a ticket have one row at a time.
-- state: 1 reserved, 2 used, 3 released, 4 lapsed, 5 returned. paid_lines: every line of the ticket with what they pay of it, as JSON.
CREATE TABLE till_points (
    id             BIGINT      NOT NULL PRIMARY KEY,
    store_id       BIGINT      NOT NULL,
    till_no        VARCHAR(16) NOT NULL,
    ticket_no      VARCHAR(64) NOT NULL,
    member_id      BIGINT      NOT NULL,
    points         BIGINT      NOT NULL,
    fen            BIGINT      NOT NULL,
    paid_lines     TEXT        NOT NULL,
    state          INT         NOT NULL,
    live           INT,
    made_at        BIGINT      NOT NULL,
    reserved_until BIGINT
);
CREATE UNIQUE INDEX ux_till_points_ticket ON till_points (store_id, ticket_no, till_no, live);
CREATE INDEX ix_till_points_due ON till_points (state, reserved_until);
CREATE INDEX ix_till_points_member ON till_points (member_id);
