-- A card that was found to belong to a member who is known under another one. Its own words are kept, so that a merge can be undone.
CREATE TABLE member_alias (
    id           BIGINT      NOT NULL PRIMARY KEY,
    source       VARCHAR(32) NOT NULL,
    member_no    VARCHAR(64) NOT NULL,
    member_id    BIGINT      NOT NULL,
    reason       VARCHAR(32) NOT NULL,
    name_cipher  BLOB,
    phone_cipher BLOB,
    content_hash VARCHAR(64) NOT NULL,
    merged_at    BIGINT      NOT NULL
);
CREATE UNIQUE INDEX ux_member_alias_no ON member_alias (member_no, source);
CREATE INDEX ix_member_alias_member ON member_alias (member_id);

-- What a field of a member held before, and which source said so.
CREATE TABLE member_change (
    id         BIGINT      NOT NULL PRIMARY KEY,
    member_id  BIGINT      NOT NULL,
    field      VARCHAR(32) NOT NULL,
    old_cipher BLOB,
    old_source VARCHAR(32) NOT NULL,
    new_source VARCHAR(32) NOT NULL,
    changed_at BIGINT      NOT NULL
);
CREATE INDEX ix_member_change_member ON member_change (member_id, changed_at);

-- What a product was before its master row changed, as JSON.
CREATE TABLE product_change (
    id         BIGINT NOT NULL PRIMARY KEY,
    product_id BIGINT NOT NULL,
    old_row    TEXT   NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX ix_product_change_product ON product_change (product_id, changed_at);

-- Refund lines that came before the sale they name; they wait here for it.
CREATE TABLE parked_refund (
    id                 BIGINT      NOT NULL PRIMARY KEY,
    source             VARCHAR(32) NOT NULL,
    store_id           BIGINT      NOT NULL,
    till_no            VARCHAR(16) NOT NULL,
    ticket_no          VARCHAR(64) NOT NULL,
    line_no            INT         NOT NULL,
    original_ticket_no VARCHAR(64) NOT NULL,
    member_id          BIGINT,
    row_cipher         BLOB        NOT NULL,
    content_hash       VARCHAR(32) NOT NULL,
    parked_at          BIGINT      NOT NULL
);
CREATE UNIQUE INDEX ux_parked_refund ON parked_refund (store_id, ticket_no, till_no, source, line_no);
CREATE INDEX ix_parked_refund_original ON parked_refund (store_id, original_ticket_no);
