-- Members of staff. password_hash '' opens nothing. password_until: a one-time password ends there; NULL is one that its owner chose.
-- totp_state: 0 none, 1 shown but not yet confirmed, 2 on; totp_step is the last step whose code was taken, so that none is taken twice.
CREATE TABLE staff (
    id             BIGINT       NOT NULL PRIMARY KEY,
    name           VARCHAR(64)  NOT NULL,
    display_name   VARCHAR(64)  NOT NULL,
    role           INT          NOT NULL,
    password_hash  VARCHAR(200) NOT NULL,
    password_until BIGINT,
    totp_cipher    BLOB,
    totp_state     INT          NOT NULL,
    totp_step      BIGINT       NOT NULL,
    failures       INT          NOT NULL,
    locked_until   BIGINT       NOT NULL,
    disabled       INT          NOT NULL,
    version        BIGINT       NOT NULL,
    created_at     BIGINT       NOT NULL
);
CREATE UNIQUE INDEX ux_staff_name ON staff (name);

-- Where a member of staff works. kind: 1 a region (place is the city of its stores), 2 a store (place is its code).
CREATE TABLE staff_place (
    staff_id BIGINT      NOT NULL,
    kind     INT         NOT NULL,
    place    VARCHAR(64) NOT NULL,
    PRIMARY KEY (staff_id, kind, place)
);

-- A cookie is worth what its row says. second_factor_at NULL: no code was given yet. All instants are system time.
CREATE TABLE staff_session (
    id               BIGINT      NOT NULL PRIMARY KEY,
    staff_id         BIGINT      NOT NULL,
    created_at       BIGINT      NOT NULL,
    seen_at          BIGINT      NOT NULL,
    expires_at       BIGINT      NOT NULL,
    second_factor_at BIGINT,
    demo             INT         NOT NULL,
    ended_at         BIGINT,
    ended_why        VARCHAR(32)
);
CREATE INDEX ix_staff_session_staff ON staff_session (staff_id, ended_at);

-- A pharmacist opened the record of a member of another store who stood at the counter.
CREATE TABLE break_glass (
    id            BIGINT       NOT NULL PRIMARY KEY,
    staff_id      BIGINT       NOT NULL,
    member_id     BIGINT       NOT NULL,
    home_store_id BIGINT,
    purpose       VARCHAR(200) NOT NULL,
    opened_at     BIGINT       NOT NULL,
    expires_at    BIGINT       NOT NULL
);
CREATE INDEX ix_break_glass_staff ON break_glass (staff_id, member_id, expires_at);
CREATE INDEX ix_break_glass_home ON break_glass (home_store_id, id);
