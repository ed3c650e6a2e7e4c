-- phone_verified_at: when its owner proved the number (WeChat's phone button, or a code by SMS). merged_into: the record that took this one over; until they are parted
-- again this one counts as erased everywhere. muted_kinds, muted_channels: bit n stands for the kind or channel with number n that the member switched off.
ALTER TABLE member ADD COLUMN phone_verified_at BIGINT;
ALTER TABLE member ADD COLUMN merged_into BIGINT;
ALTER TABLE member ADD COLUMN muted_kinds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN muted_channels BIGINT NOT NULL DEFAULT 0;

-- Codes sent by SMS. code_index is a keyed hash. purpose: 1 the caller's own phone, 2 a guardian's. All instants are system time.
CREATE TABLE phone_code (
    id          BIGINT      NOT NULL PRIMARY KEY,
    session_id  BIGINT      NOT NULL,
    phone_index VARCHAR(44) NOT NULL,
    purpose     INT         NOT NULL,
    code_index  VARCHAR(44) NOT NULL,
    tries       INT         NOT NULL,
    sent_at     BIGINT      NOT NULL,
    expires_at  BIGINT      NOT NULL,
    used_at     BIGINT
);
CREATE INDEX ix_phone_code_phone ON phone_code (phone_index, sent_at);
CREATE INDEX ix_phone_code_session ON phone_code (session_id, sent_at);

-- state: 1 open, 2 merged, 3 kept apart.
ALTER TABLE merge_review ADD COLUMN state INT NOT NULL DEFAULT 1;
ALTER TABLE merge_review ADD COLUMN decided_by BIGINT;
ALTER TABLE merge_review ADD COLUMN decided_at BIGINT;
CREATE INDEX ix_merge_review_open ON merge_review (state, id);

-- Two records that were found to be one person. originals_cipher holds both as they were, so that they can be parted until undo_until. decided_by 0: a rule decided.
CREATE TABLE member_merge (
    id               BIGINT      NOT NULL PRIMARY KEY,
    survivor_id      BIGINT      NOT NULL,
    merged_id        BIGINT      NOT NULL,
    reason           VARCHAR(32) NOT NULL,
    decided_by       BIGINT      NOT NULL,
    originals_cipher BLOB        NOT NULL,
    merged_at        BIGINT      NOT NULL,
    undo_until       BIGINT      NOT NULL,
    undone_at        BIGINT,
    undone_by        BIGINT
);
CREATE INDEX ix_member_merge_survivor ON member_merge (survivor_id);
CREATE INDEX ix_member_merge_merged ON member_merge (merged_id);

-- The rows that a merge moved. kind: 1 a ticket, 2 a sign-in.
CREATE TABLE member_merge_row (
    merge_id BIGINT NOT NULL,
    kind     INT    NOT NULL,
    row_id   BIGINT NOT NULL,
    PRIMARY KEY (merge_id, kind, row_id)
);
CREATE TABLE member_merge_identity (
    merge_id BIGINT      NOT NULL,
    account  VARCHAR(64) NOT NULL,
    openid   VARCHAR(64) NOT NULL,
    PRIMARY KEY (merge_id, account, openid)
);

-- What a member chose, and who said so.
CREATE TABLE member_preference (
    member_id  BIGINT      NOT NULL,
    name       VARCHAR(48) NOT NULL,
    value      INT         NOT NULL,
    origin     VARCHAR(32) NOT NULL,
    changed_at BIGINT      NOT NULL,
    PRIMARY KEY (member_id, name)
);

-- Who agreed for a member under fourteen; the phone answered with a code.
CREATE TABLE member_guardian (
    member_id    BIGINT      NOT NULL PRIMARY KEY,
    name_cipher  BLOB,
    phone_cipher BLOB,
    relation     VARCHAR(16) NOT NULL,
    text_version VARCHAR(32) NOT NULL,
    confirmed_at BIGINT      NOT NULL
);

-- A request of a member about their data. kind: 1 copy (export), 2 erasure, 3 correction, 4 explanation. state: 1 submitted, 2 identity checked, 3 in work, 4 fulfilled, 5 refused, 6 withdrawn.
-- act_at: when the work is to be done by itself, NULL when a person does it or it is done. due_at: the end of the time that the law's yardstick allows. session_id: the only session that gets the file.
CREATE TABLE privacy_request (
    id           BIGINT       NOT NULL PRIMARY KEY,
    member_id    BIGINT       NOT NULL,
    kind         INT          NOT NULL,
    state        INT          NOT NULL,
    note_cipher  BLOB,
    reason       VARCHAR(200) NOT NULL,
    session_id   BIGINT       NOT NULL,
    submitted_at BIGINT       NOT NULL,
    due_at       BIGINT       NOT NULL,
    act_at       BIGINT,
    done_at      BIGINT,
    file_until   BIGINT,
    handled_by   BIGINT
);
CREATE INDEX ix_privacy_request_member ON privacy_request (member_id, id);
CREATE INDEX ix_privacy_request_act ON privacy_request (act_at);
CREATE INDEX ix_privacy_request_open ON privacy_request (state, due_at);

CREATE TABLE privacy_step (
    id         BIGINT      NOT NULL PRIMARY KEY,
    request_id BIGINT      NOT NULL,
    state      INT         NOT NULL,
    actor_id   BIGINT      NOT NULL,
    role       VARCHAR(32) NOT NULL,
    at         BIGINT      NOT NULL
);
CREATE INDEX ix_privacy_step_request ON privacy_step (request_id, id);

-- The file of an export, in pieces, because a BLOB ends at 64 KB on MySQL.
CREATE TABLE privacy_file (
    request_id  BIGINT NOT NULL,
    part        INT    NOT NULL,
    body_cipher BLOB   NOT NULL,
    PRIMARY KEY (request_id, part)
);
