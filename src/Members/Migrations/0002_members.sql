CREATE TABLE store (
    id   BIGINT       NOT NULL PRIMARY KEY,
    code VARCHAR(32)  NOT NULL,
    name VARCHAR(100) NOT NULL,
    city VARCHAR(50)  NOT NULL
);
CREATE UNIQUE INDEX ux_store_code ON store (code);

-- class 0 is unknown and counts as a prescription product. units_per_day_milli: thousandths of a unit (tablet) a day.
CREATE TABLE product (
    id                  BIGINT       NOT NULL PRIMARY KEY,
    sku                 VARCHAR(64)  NOT NULL,
    name                VARCHAR(200) NOT NULL,
    generic_name        VARCHAR(100) NOT NULL,
    strength            VARCHAR(50)  NOT NULL,
    spec                VARCHAR(100) NOT NULL,
    maker               VARCHAR(100) NOT NULL,
    approval_no         VARCHAR(64)  NOT NULL,
    class               INT          NOT NULL,
    therapy             VARCHAR(64),
    is_sensitive        INT          NOT NULL,
    pack_units          INT,
    units_per_day_milli INT,
    dose_estimated      INT          NOT NULL,
    price_fen           BIGINT       NOT NULL,
    content_hash        VARCHAR(64)  NOT NULL
);
CREATE UNIQUE INDEX ux_product_sku ON product (sku);

-- birth_md is month * 100 + day, so that a birthday needs no year; gate_version rises with whatever the gate reads.
CREATE TABLE member (
    id            BIGINT       NOT NULL PRIMARY KEY,
    source        VARCHAR(32)  NOT NULL,
    member_no     VARCHAR(64)  NOT NULL,
    ref           VARCHAR(32)  NOT NULL,
    name_cipher   BLOB,
    name_index    VARCHAR(44),
    phone_cipher  BLOB,
    phone_index   VARCHAR(44),
    tail_index    VARCHAR(44),
    sex           INT          NOT NULL,
    birth_year    INT,
    birth_md      INT,
    store_id      BIGINT,
    joined_day    INT          NOT NULL,
    private_mode  INT          NOT NULL,
    erased_at     BIGINT,
    field_sources TEXT         NOT NULL,
    content_hash  VARCHAR(64)  NOT NULL,
    gate_version  BIGINT       NOT NULL,
    version       BIGINT       NOT NULL
);
CREATE UNIQUE INDEX ux_member_no ON member (member_no, source);
CREATE UNIQUE INDEX ux_member_ref ON member (ref);
CREATE INDEX ix_member_phone ON member (phone_index);
CREATE INDEX ix_member_tail ON member (tail_index);
CREATE INDEX ix_member_name ON member (name_index, birth_md);
CREATE INDEX ix_member_birth ON member (birth_md);

-- One person has one openid in each WeChat account (app) of ours.
CREATE TABLE member_identity (
    account   VARCHAR(64) NOT NULL,
    openid    VARCHAR(64) NOT NULL,
    member_id BIGINT      NOT NULL,
    unionid   VARCHAR(64),
    PRIMARY KEY (account, openid)
);
CREATE INDEX ix_member_identity_member ON member_identity (member_id);

-- The present state; consent_change keeps every step with its evidence.
CREATE TABLE consent (
    member_id    BIGINT      NOT NULL,
    purpose      INT         NOT NULL,
    granted      INT         NOT NULL,
    text_version VARCHAR(32) NOT NULL,
    source       VARCHAR(32) NOT NULL,
    changed_at   BIGINT      NOT NULL,
    PRIMARY KEY (member_id, purpose)
);
CREATE TABLE consent_change (
    id           BIGINT       NOT NULL PRIMARY KEY,
    member_id    BIGINT       NOT NULL,
    purpose      INT          NOT NULL,
    granted      INT          NOT NULL,
    text_version VARCHAR(32)  NOT NULL,
    source       VARCHAR(32)  NOT NULL,
    evidence     VARCHAR(200) NOT NULL,
    changed_at   BIGINT       NOT NULL
);
CREATE INDEX ix_consent_change_member ON consent_change (member_id, changed_at);

-- Addresses (blind index) that must not be written to on a channel, whoever owns them. scope: 1 commercial, 2 reminders too.
CREATE TABLE suppression (
    channel       INT         NOT NULL,
    address_index VARCHAR(44) NOT NULL,
    scope         INT         NOT NULL,
    reason        VARCHAR(32) NOT NULL,
    created_at    BIGINT      NOT NULL,
    PRIMARY KEY (channel, address_index, scope)
);

-- Two records that may be one person: a member of staff decides.
CREATE TABLE merge_review (
    id         BIGINT      NOT NULL PRIMARY KEY,
    member_id  BIGINT      NOT NULL,
    other_id   BIGINT      NOT NULL,
    reason     VARCHAR(32) NOT NULL,
    created_at BIGINT      NOT NULL
);
CREATE UNIQUE INDEX ux_merge_review_pair ON merge_review (member_id, other_id);

-- A ticket. member_id NULL is an anonymous one. event: 1 sale, 2 refund.
CREATE TABLE purchase (
    id           BIGINT      NOT NULL PRIMARY KEY,
    source       VARCHAR(32) NOT NULL,
    store_id     BIGINT      NOT NULL,
    till_no      VARCHAR(16) NOT NULL,
    ticket_no    VARCHAR(64) NOT NULL,
    event        INT         NOT NULL,
    business_day INT         NOT NULL,
    member_id    BIGINT
);
-- The ticket number comes early: a refund names the store and the ticket that sold the goods, not the till.
CREATE UNIQUE INDEX ux_purchase_ticket ON purchase (store_id, ticket_no, till_no, source);
CREATE INDEX ix_purchase_member ON purchase (member_id, business_day);

-- quantity is negative on a refund; original_line_id then names the line that was sold, NULL for a blind refund.
CREATE TABLE purchase_line (
    id                  BIGINT       NOT NULL PRIMARY KEY,
    purchase_id         BIGINT       NOT NULL,
    line_no             INT          NOT NULL,
    product_id          BIGINT       NOT NULL,
    quantity            INT          NOT NULL,
    unit_price_fen      BIGINT       NOT NULL,
    discount_fen        BIGINT       NOT NULL,
    net_fen             BIGINT       NOT NULL,
    days_supply         INT,
    batch_no            VARCHAR(64)  NOT NULL,
    expiry_day          INT,
    trace_codes         TEXT,
    prescription_no     VARCHAR(64)  NOT NULL,
    original_line_id    BIGINT,
    content_hash        VARCHAR(32)  NOT NULL
);
CREATE UNIQUE INDEX ux_purchase_line ON purchase_line (purchase_id, line_no);

-- A medicine that a member takes for long: one line per ingredient and strength.
-- coverage_end is the last day that the supply covers. state: 1 active, 2 stopped, 3 dose unknown.
CREATE TABLE therapy_line (
    id                  BIGINT       NOT NULL PRIMARY KEY,
    member_id           BIGINT       NOT NULL,
    therapy_key         VARCHAR(150) NOT NULL,
    product_id          BIGINT       NOT NULL,
    units_per_day_milli INT,
    dose_estimated      INT          NOT NULL,
    first_fill_day      INT          NOT NULL,
    last_fill_day       INT          NOT NULL,
    coverage_end        INT          NOT NULL,
    state               INT          NOT NULL
);
CREATE UNIQUE INDEX ux_therapy_line ON therapy_line (member_id, therapy_key);
CREATE INDEX ix_therapy_line_due ON therapy_line (state, coverage_end);

-- What audiences ask about a member: narrow, no ciphertext, kept with each purchase and rebuildable.
CREATE TABLE member_fact (
    member_id  BIGINT NOT NULL PRIMARY KEY,
    store_id   BIGINT,
    birth_year INT,
    sex        INT    NOT NULL,
    joined_day INT    NOT NULL,
    first_day  INT,
    last_day   INT,
    visits     INT    NOT NULL,
    spend_fen  BIGINT NOT NULL
);
CREATE INDEX ix_member_fact_last ON member_fact (last_day);
CREATE INDEX ix_member_fact_store ON member_fact (store_id);

CREATE TABLE member_product (
    member_id  BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    first_day  INT    NOT NULL,
    last_day   INT    NOT NULL,
    times      INT    NOT NULL,
    quantity   INT    NOT NULL,
    fen        BIGINT NOT NULL,
    PRIMARY KEY (member_id, product_id)
);
CREATE INDEX ix_member_product_product ON member_product (product_id, last_day);
