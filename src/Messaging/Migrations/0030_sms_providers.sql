-- What a provider of SMS has said of our templates (subject 1) and signatures (subject 2). No row: approved, as whoever approved our own text declared.
-- state: 1 draft, 2 in review, 3 approved, 4 refused. type: 0 unknown, 1 verification, 2 notice, 3 marketing.
CREATE TABLE sms_approval (
    provider   VARCHAR(16)  NOT NULL,
    subject    INT          NOT NULL,
    code       VARCHAR(64)  NOT NULL,
    state      INT          NOT NULL,
    type       INT          NOT NULL,
    reason     VARCHAR(300) NOT NULL,
    changed_at BIGINT       NOT NULL,
    PRIMARY KEY (provider, subject, code)
);

-- What an attempt of the past may have cost; one that was refused cost nothing.
ALTER TABLE attempt ADD COLUMN segments INT NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN cost_fen BIGINT NOT NULL DEFAULT 0;

-- What people answered to an SMS, opt-outs aside: it waits for staff, and is what a service case is made of. sequence: the provider's number of the reply. state: 1 waits for staff, 2 seen to.
CREATE TABLE sms_reply (
    id          BIGINT      NOT NULL PRIMARY KEY,
    provider    VARCHAR(16) NOT NULL,
    sequence    VARCHAR(64) NOT NULL,
    phone_index VARCHAR(44) NOT NULL,
    text_cipher BLOB        NOT NULL,
    said_at     BIGINT      NOT NULL,
    state       INT         NOT NULL
);
CREATE UNIQUE INDEX ux_sms_reply ON sms_reply (provider, sequence);
CREATE INDEX ix_sms_reply_waiting ON sms_reply (state, said_at);
CREATE INDEX ix_sms_reply_phone ON sms_reply (phone_index);
