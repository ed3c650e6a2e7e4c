-- Members bring members (docs/members.md): one level, and the reward is for a first purchase that stays.
CREATE TABLE referral_code (
    member_id BIGINT      NOT NULL PRIMARY KEY,
    code      VARCHAR(16) NOT NULL
);
CREATE UNIQUE INDEX ux_referral_code ON referral_code (code);

-- state: 1 waits for a purchase, 2 waits until the purchase is safe, 3 rewarded, 4 taken back. next_day: when to look; NULL is not by itself.
-- inviter_entry is NULL when the inviter's month was full.
CREATE TABLE referral (
    id            BIGINT NOT NULL PRIMARY KEY,
    inviter_id    BIGINT NOT NULL,
    invited_id    BIGINT NOT NULL,
    joined_day    INT    NOT NULL,
    state         INT    NOT NULL,
    order_id      BIGINT,
    next_day      INT,
    reward_month  INT,
    inviter_entry BIGINT,
    invited_entry BIGINT
);
CREATE UNIQUE INDEX ux_referral_invited ON referral (invited_id);
CREATE INDEX ix_referral_inviter ON referral (inviter_id, reward_month);
CREATE INDEX ix_referral_next ON referral (next_day);

-- The benefit of a birthday was taken, whatever it was: once for each birthday.
CREATE TABLE birthday_benefit (
    member_id BIGINT      NOT NULL,
    year      INT         NOT NULL,
    taken_at  BIGINT      NOT NULL,
    what      VARCHAR(64) NOT NULL,
    PRIMARY KEY (member_id, year)
);
