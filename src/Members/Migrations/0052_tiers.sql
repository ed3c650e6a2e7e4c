-- Tiers of members (docs/members.md). Rules are versions, as those of points are.
CREATE TABLE tier_rules (
    version    INT         NOT NULL PRIMARY KEY,
    valid_from INT         NOT NULL,
    body       TEXT        NOT NULL,
    made_by    VARCHAR(64) NOT NULL,
    made_at    BIGINT      NOT NULL
);
CREATE TRIGGER tier_rules_no_update BEFORE UPDATE ON tier_rules FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'rules of tiers are only added or withdrawn';

-- What a member has spent that counts for a tier, on the day of the purchase; refunds are taken off that day.
CREATE TABLE tier_spend (
    member_id BIGINT NOT NULL,
    day       INT    NOT NULL,
    fen       BIGINT NOT NULL,
    PRIMARY KEY (member_id, day)
);

-- Whoever has ever been above the first tier. as_of: the day up to which it was worked out. next_day: when to look again; noticed_for: the loss that was told of.
CREATE TABLE member_tier (
    member_id   BIGINT NOT NULL PRIMARY KEY,
    tier        INT    NOT NULL,
    since_day   INT    NOT NULL,
    review_day  INT    NOT NULL,
    as_of       INT    NOT NULL,
    next_day    INT,
    noticed_for INT
);
CREATE INDEX ix_member_tier_next ON member_tier (next_day);

-- Which tier was held from which day on and until before which day; NULL is still. reason: 1 reached, 2 review, 3 refund.
CREATE TABLE tier_period (
    member_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    tier       INT    NOT NULL,
    valid_from INT    NOT NULL,
    valid_to   INT,
    reason     INT    NOT NULL,
    PRIMARY KEY (member_id, id)
);
