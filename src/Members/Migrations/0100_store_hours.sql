-- What members see of a branch. version rises with each edit by staff.
ALTER TABLE store ADD COLUMN address VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN phone VARCHAR(32) NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Opening hours of a week. weekday: 1 is Monday. Minutes of the day; closes is exclusive, 1440 is midnight.
CREATE TABLE store_hours (
    store_id BIGINT NOT NULL,
    weekday  INT    NOT NULL,
    opens    INT    NOT NULL,
    closes   INT    NOT NULL,
    PRIMARY KEY (store_id, weekday, opens)
);

-- A civil day that differs from its weekday: a holiday. opens = closes = 0 is closed.
CREATE TABLE store_special_day (
    store_id BIGINT NOT NULL,
    day      INT    NOT NULL,
    opens    INT    NOT NULL,
    closes   INT    NOT NULL,
    PRIMARY KEY (store_id, day, opens)
);

-- Which registered pharmacist is on duty when. Name and licence hang in the shop, so they are not personal data here.
CREATE TABLE store_duty (
    store_id     BIGINT      NOT NULL,
    weekday      INT         NOT NULL,
    from_minute  INT         NOT NULL,
    until_minute INT         NOT NULL,
    pharmacist   VARCHAR(50) NOT NULL,
    licence_no   VARCHAR(64) NOT NULL,
    PRIMARY KEY (store_id, weekday, from_minute, licence_no)
);
