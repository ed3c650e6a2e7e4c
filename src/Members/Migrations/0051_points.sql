-- Points are a ledger (docs/members.md). The truth is in entries, postings and moves, which are only inserted; account and lot are their sums.

-- One row a member, and the lock on everything of that member's points. owed is what is missing after refunds, never below zero.
-- next_day: when a lot of it becomes active or expires; NULL is never.
CREATE TABLE points_account (
    member_id BIGINT NOT NULL PRIMARY KEY,
    pending   BIGINT NOT NULL,
    active    BIGINT NOT NULL,
    owed      BIGINT NOT NULL,
    next_day  INT
);
CREATE INDEX ix_points_account_next ON points_account (next_day);

-- kind: 1 earned, 2 activated, 3 redeemed, 4 redemption cancelled, 5 expired, 6 clawed back, 7 adjusted. day: when it takes effect; made_at: when it was written.
-- points: what the member sees of it. until_day: of something earned, the day on which it activates; of an activation or adjustment, the last day of the lot.
CREATE TABLE points_entry (
    id           BIGINT       NOT NULL PRIMARY KEY,
    member_id    BIGINT       NOT NULL,
    kind         INT          NOT NULL,
    idem_key     VARCHAR(100) NOT NULL,
    day          INT          NOT NULL,
    made_at      BIGINT       NOT NULL,
    points       BIGINT       NOT NULL,
    active_after BIGINT       NOT NULL,
    until_day    INT,
    about_id     BIGINT,
    about        VARCHAR(200) NOT NULL
);
CREATE UNIQUE INDEX ux_points_entry_key ON points_entry (idem_key);
CREATE INDEX ix_points_entry_member ON points_entry (member_id, id);

-- account: 1 issuance, 2 clawback, 3 redeemed, 4 expired, 5 adjustment (the programme's), 11 pending, 12 active, 13 debt (the member's).
-- part tells the base of what was earned (1) from what a multiplier added (2 tier, 3 birthday, 4 member day) and from gifts (5 referral, 6 birthday gift).
CREATE TABLE points_posting (
    entry_id BIGINT NOT NULL,
    seq      INT    NOT NULL,
    account  INT    NOT NULL,
    part     INT    NOT NULL,
    amount   BIGINT NOT NULL,
    PRIMARY KEY (entry_id, seq)
);

-- What an entry took from a lot (below zero) or gave back to it.
CREATE TABLE points_move (
    entry_id BIGINT NOT NULL,
    seq      INT    NOT NULL,
    lot_id   BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    PRIMARY KEY (entry_id, seq)
);

-- A lot carries the id of the entry that made it. expires_day, its last day, is fixed when it becomes active; NULL is pending.
CREATE TABLE points_lot (
    member_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    order_id      BIGINT,
    earned        BIGINT NOT NULL,
    remaining     BIGINT NOT NULL,
    activates_day INT    NOT NULL,
    valid_days    INT    NOT NULL,
    expires_day   INT,
    PRIMARY KEY (member_id, id)
);

-- What a ticket has earned, and on which of its lines (JSON), so that a refund takes back exactly that.
CREATE TABLE points_order (
    purchase_id      BIGINT NOT NULL PRIMARY KEY,
    member_id        BIGINT NOT NULL,
    rules_version    INT    NOT NULL,
    day              INT    NOT NULL,
    base_points      BIGINT NOT NULL,
    bonus_points     BIGINT NOT NULL,
    multiplier_milli INT    NOT NULL,
    bonus_part       INT    NOT NULL,
    reversed         BIGINT NOT NULL,
    order_lines      TEXT   NOT NULL
);

-- Rules of earning, a version each; the one in force on a day is the latest that is valid by then. The first is the start of the programme.
CREATE TABLE points_rules (
    version    INT         NOT NULL PRIMARY KEY,
    valid_from INT         NOT NULL,
    body       TEXT        NOT NULL,
    made_by    VARCHAR(64) NOT NULL,
    made_at    BIGINT      NOT NULL
);

-- state: 1 waits for a second person, 2 applied, 3 refused.
CREATE TABLE points_adjustment (
    id          BIGINT       NOT NULL PRIMARY KEY,
    member_id   BIGINT       NOT NULL,
    points      BIGINT       NOT NULL,
    reason      VARCHAR(150) NOT NULL,
    state       INT          NOT NULL,
    proposed_by VARCHAR(64)  NOT NULL,
    proposed_at BIGINT       NOT NULL,
    decided_by  VARCHAR(64),
    decided_at  BIGINT
);
CREATE INDEX ix_points_adjustment_state ON points_adjustment (state, id);

CREATE TRIGGER points_entry_no_update BEFORE UPDATE ON points_entry FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'points_entry is only inserted into';
CREATE TRIGGER points_entry_no_delete BEFORE DELETE ON points_entry FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'points_entry is only inserted into';
CREATE TRIGGER points_posting_no_update BEFORE UPDATE ON points_posting FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'points_posting is only inserted into';
CREATE TRIGGER points_posting_no_delete BEFORE DELETE ON points_posting FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'points_posting is only inserted into';
CREATE TRIGGER points_move_no_update BEFORE UPDATE ON points_move FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'points_move is only inserted into';
CREATE TRIGGER points_move_no_delete BEFORE DELETE ON points_move FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'points_move is only inserted into';
CREATE TRIGGER points_rules_no_update BEFORE UPDATE ON points_rules FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'rules of points are only added or withdrawn';
