-- Who did or saw what, for what purpose. Only ever inserted into: the triggers refuse the rest, and each row's hash covers the one before it.
-- actor_id 0 is the installation itself or its command line. detail holds ids and codes, never a phone number or a health word.
CREATE TABLE audit_entry (
    seq       BIGINT       NOT NULL PRIMARY KEY,
    at        BIGINT       NOT NULL,
    actor_id  BIGINT       NOT NULL,
    actor     VARCHAR(64)  NOT NULL,
    role      VARCHAR(32)  NOT NULL,
    store_id  BIGINT,
    action    VARCHAR(64)  NOT NULL,
    member_id BIGINT,
    subject   VARCHAR(100) NOT NULL,
    purpose   VARCHAR(200) NOT NULL,
    outcome   VARCHAR(32)  NOT NULL,
    detail    TEXT         NOT NULL,
    hash      VARCHAR(64)  NOT NULL
);
CREATE INDEX ix_audit_entry_at ON audit_entry (at);
CREATE INDEX ix_audit_entry_member ON audit_entry (member_id, seq);
CREATE INDEX ix_audit_entry_actor ON audit_entry (actor_id, seq);
CREATE INDEX ix_audit_entry_action ON audit_entry (action, seq);
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_entry is only inserted into';
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_entry is only inserted into';

-- The end of the chain: whoever appends locks this one row, so the chain has one order and no gap.
CREATE TABLE audit_head (
    id   INT         NOT NULL PRIMARY KEY,
    seq  BIGINT      NOT NULL,
    hash VARCHAR(64) NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
