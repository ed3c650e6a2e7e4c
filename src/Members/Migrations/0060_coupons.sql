-- A coupon definition by its code. version is the newest saved, published_version the one that is claimed now.
CREATE TABLE coupon_definition (
    id                BIGINT      NOT NULL PRIMARY KEY,
    code              VARCHAR(32) NOT NULL,
    version           BIGINT      NOT NULL,
    published_version BIGINT
);
CREATE UNIQUE INDEX ux_coupon_definition_code ON coupon_definition (code);

-- What the definition was at each save. Rows are never changed, but for the mark of their approval.
CREATE TABLE coupon_definition_version (
    definition_id BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    terms         TEXT   NOT NULL,
    author_id     BIGINT NOT NULL,
    saved_at      BIGINT NOT NULL,
    approver_id   BIGINT,
    published_at  BIGINT,
    PRIMARY KEY (definition_id, version)
);

-- The one row that every claim writes. NULL is unlimited. committed_fen: what open coupons may cost at most plus what redeemed ones did cost.
CREATE TABLE coupon_stock (
    definition_id BIGINT NOT NULL PRIMARY KEY,
    version       BIGINT NOT NULL,
    is_open       INT    NOT NULL,
    claim_from    BIGINT NOT NULL,
    claim_until   BIGINT NOT NULL,
    total         BIGINT,
    claimed       BIGINT NOT NULL,
    daily         BIGINT,
    count_day     INT    NOT NULL,
    day_claimed   BIGINT NOT NULL,
    budget_fen    BIGINT,
    committed_fen BIGINT NOT NULL
);
CREATE INDEX ix_coupon_stock_open ON coupon_stock (is_open, claim_until);

-- Who may claim a definition that is for invited members only.
CREATE TABLE coupon_invitation (
    definition_id BIGINT NOT NULL,
    member_id     BIGINT NOT NULL,
    PRIMARY KEY (definition_id, member_id)
);

-- One coupon of one member. state: 1 claimed, 2 reserved, 3 redeemed, 4 expired (only shown, the instants decide), 5 void. valid_until is exclusive.
CREATE TABLE coupon (
    id             BIGINT      NOT NULL PRIMARY KEY,
    code           VARCHAR(16) NOT NULL,
    definition_id  BIGINT      NOT NULL,
    version        BIGINT      NOT NULL,
    member_id      BIGINT      NOT NULL,
    sequence       INT         NOT NULL,
    claim_key      VARCHAR(64),
    person_index   VARCHAR(44),
    origin         INT         NOT NULL,
    state          INT         NOT NULL,
    claimed_at     BIGINT      NOT NULL,
    valid_from     BIGINT      NOT NULL,
    valid_until    BIGINT      NOT NULL,
    reserved_until BIGINT,
    face_fen       BIGINT      NOT NULL,
    points         BIGINT      NOT NULL
);
CREATE UNIQUE INDEX ux_coupon_code ON coupon (code);
CREATE UNIQUE INDEX ux_coupon_sequence ON coupon (definition_id, member_id, sequence);
CREATE UNIQUE INDEX ux_coupon_claim ON coupon (definition_id, member_id, claim_key);
CREATE INDEX ix_coupon_person ON coupon (person_index, claimed_at);
CREATE INDEX ix_coupon_wallet ON coupon (member_id, valid_until);
CREATE INDEX ix_coupon_claimed ON coupon (member_id, claimed_at);
CREATE INDEX ix_coupon_due ON coupon (state, valid_until);

-- One row a ticket with coupons: its lock, so that two requests for one ticket see each other.
CREATE TABLE coupon_ticket (
    store_id  BIGINT      NOT NULL,
    till_no   VARCHAR(16) NOT NULL,
    ticket_no VARCHAR(64) NOT NULL,
    PRIMARY KEY (store_id, till_no, ticket_no)
);

-- A coupon on a ticket. state: 1 reserved, 2 redeemed, 3 released, 4 lapsed, 5 returned, 6 issued again.
-- live_coupon_id is the coupon while this row holds it, then NULL: so its unique key lets one row hold a coupon at a time.
CREATE TABLE coupon_redemption (
    id             BIGINT      NOT NULL PRIMARY KEY,
    coupon_id      BIGINT      NOT NULL,
    live_coupon_id BIGINT,
    member_id      BIGINT      NOT NULL,
    store_id       BIGINT      NOT NULL,
    till_no        VARCHAR(16) NOT NULL,
    ticket_no      VARCHAR(64) NOT NULL,
    channel        INT         NOT NULL,
    state          INT         NOT NULL,
    discount_fen   BIGINT      NOT NULL,
    delivery_fen   BIGINT      NOT NULL,
    cashier_id     BIGINT,
    own_account    INT         NOT NULL,
    made_at        BIGINT      NOT NULL,
    reserved_until BIGINT,
    returned_by    VARCHAR(64)
);
CREATE UNIQUE INDEX ux_coupon_redemption_live ON coupon_redemption (live_coupon_id);
CREATE INDEX ix_coupon_redemption_coupon ON coupon_redemption (coupon_id, id);
CREATE INDEX ix_coupon_redemption_ticket ON coupon_redemption (store_id, ticket_no, till_no);
CREATE INDEX ix_coupon_redemption_store ON coupon_redemption (store_id, made_at);
CREATE INDEX ix_coupon_redemption_member ON coupon_redemption (member_id, made_at);
CREATE INDEX ix_coupon_redemption_due ON coupon_redemption (state, reserved_until);
CREATE INDEX ix_coupon_redemption_own ON coupon_redemption (own_account, made_at);

-- Every line of the ticket with its share of the discount, zero for lines outside the base: a full refund is one of all lines.
CREATE TABLE coupon_redemption_line (
    redemption_id     BIGINT NOT NULL,
    line_no           INT    NOT NULL,
    quantity          INT    NOT NULL,
    discount_fen      BIGINT NOT NULL,
    refunded_quantity INT    NOT NULL,
    returned_fen      BIGINT NOT NULL,
    PRIMARY KEY (redemption_id, line_no)
);
CREATE TABLE coupon_refund_line (
    redemption_id BIGINT      NOT NULL,
    refund_ticket VARCHAR(64) NOT NULL,
    line_no       INT         NOT NULL,
    quantity      INT         NOT NULL,
    returned_fen  BIGINT      NOT NULL,
    PRIMARY KEY (redemption_id, refund_ticket, line_no)
);

-- Which coupons a merge of two member records moved, so that it can be undone.
CREATE TABLE coupon_move (
    merge_id      BIGINT NOT NULL,
    coupon_id     BIGINT NOT NULL,
    from_member   BIGINT NOT NULL,
    from_sequence INT    NOT NULL,
    PRIMARY KEY (merge_id, coupon_id)
);
