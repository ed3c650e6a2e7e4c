CREATE TABLE template (
    id   BIGINT       NOT NULL PRIMARY KEY,
    code VARCHAR(64)  NOT NULL,
    kind INT          NOT NULL,
    name VARCHAR(100) NOT NULL
);
CREATE UNIQUE INDEX ux_template_code ON template (code);

-- Immutable once approved; a message keeps the version that rendered it.
CREATE TABLE template_version (
    id          BIGINT      NOT NULL PRIMARY KEY,
    template_id BIGINT      NOT NULL,
    version     INT         NOT NULL,
    contents    TEXT        NOT NULL,
    checksum    VARCHAR(64) NOT NULL,
    approved_by VARCHAR(64) NOT NULL,
    approved_at BIGINT      NOT NULL
);
CREATE UNIQUE INDEX ux_template_version ON template_version (template_id, version);

-- state: 1 draft, 2 approved, 3 refused, 4 paused, 5 cancelled, 6 done. holdout_bp: hundredths of a percent.
CREATE TABLE campaign (
    id            BIGINT       NOT NULL PRIMARY KEY,
    code          VARCHAR(64)  NOT NULL,
    name          VARCHAR(100) NOT NULL,
    kind          INT          NOT NULL,
    template_id   BIGINT       NOT NULL,
    audience_rule TEXT         NOT NULL,
    content       TEXT         NOT NULL,
    salt          VARCHAR(64)  NOT NULL,
    holdout_bp    INT          NOT NULL,
    sms_fallback  INT          NOT NULL,
    state         INT          NOT NULL,
    state_reason  VARCHAR(32),
    version       BIGINT       NOT NULL
);
CREATE UNIQUE INDEX ux_campaign_code ON campaign (code);

-- One execution of a producer. state: 1 expanding, 2 expanded, 3 paused, 4 cancelled.
CREATE TABLE run (
    id           BIGINT      NOT NULL PRIMARY KEY,
    producer     VARCHAR(64) NOT NULL,
    kind         INT         NOT NULL,
    campaign_id  BIGINT,
    business_day INT         NOT NULL,
    started_at   BIGINT      NOT NULL,
    state        INT         NOT NULL,
    audience     INT         NOT NULL
);
CREATE INDEX ix_run_day ON run (business_day, producer);

-- The frozen audience, and the only record of holdout and exclusion. arm: 0 excluded (reason), 1 treated, 2 held out.
CREATE TABLE run_member (
    run_id     BIGINT      NOT NULL,
    member_id  BIGINT      NOT NULL,
    arm        INT         NOT NULL,
    reason     VARCHAR(32),
    message_id BIGINT,
    PRIMARY KEY (run_id, member_id)
);
CREATE INDEX ix_run_member_member ON run_member (member_id);

-- The outbox. The present attempt stands inline; another one first copies it to attempt.
-- ready_at is when the row wants attention: due while Pending, overdue while Sending; NULL once nothing but a receipt can change it.
-- So one index finds what is due and what an owner left on the wire, and never the history.
CREATE TABLE message (
    id                  BIGINT       NOT NULL PRIMARY KEY,
    kind                INT          NOT NULL,
    class               INT          NOT NULL,
    run_id              BIGINT       NOT NULL,
    member_id           BIGINT       NOT NULL,
    shard               INT          NOT NULL,
    template_version_id BIGINT       NOT NULL,
    params              TEXT         NOT NULL,
    state               INT          NOT NULL,
    reason              VARCHAR(32),
    verdicts            VARCHAR(300),
    ready_at            BIGINT,
    not_after           BIGINT       NOT NULL,
    attempt_no          INT          NOT NULL,
    channels_tried      INT          NOT NULL,
    channel             INT,
    provider            VARCHAR(16),
    reference           VARCHAR(40),
    provider_ref        VARCHAR(64),
    address_index       VARCHAR(44),
    outcome_code        VARCHAR(64),
    segments            INT          NOT NULL,
    cost_fen            BIGINT       NOT NULL,
    text_cipher         BLOB,
    inbox_cipher        BLOB,
    created_at          BIGINT       NOT NULL,
    intent_at           BIGINT,
    outcome_at          BIGINT,
    receipt_at          BIGINT
);
CREATE INDEX ix_message_due ON message (shard, class, ready_at);
CREATE INDEX ix_message_run ON message (run_id);
CREATE INDEX ix_message_member ON message (member_id, intent_at);
CREATE INDEX ix_message_provider_ref ON message (provider_ref);

-- What must not be said twice. A message that merges several occasions holds several keys.
CREATE TABLE message_key (
    dedupe_key VARCHAR(120) NOT NULL PRIMARY KEY,
    message_id BIGINT       NOT NULL
);

-- Attempts that were followed by another; a late receipt of theirs still matches.
CREATE TABLE attempt (
    message_id    BIGINT      NOT NULL,
    attempt_no    INT         NOT NULL,
    channel       INT         NOT NULL,
    provider      VARCHAR(16) NOT NULL,
    reference     VARCHAR(40) NOT NULL,
    provider_ref  VARCHAR(64),
    outcome_code  VARCHAR(64),
    intent_at     BIGINT      NOT NULL,
    outcome_at    BIGINT,
    PRIMARY KEY (message_id, attempt_no)
);
CREATE INDEX ix_attempt_provider_ref ON attempt (provider_ref);

CREATE TABLE shard (
    id          INT         NOT NULL PRIMARY KEY,
    owner       VARCHAR(64) NOT NULL,
    fence       BIGINT      NOT NULL,
    lease_until BIGINT      NOT NULL
);

-- What providers push to us, kept before it is understood. state: 1 new, 2 applied, 3 not ours, 4 unknown.
CREATE TABLE inbound (
    id          BIGINT       NOT NULL PRIMARY KEY,
    source      VARCHAR(32)  NOT NULL,
    dedupe_key  VARCHAR(120) NOT NULL,
    body_cipher BLOB         NOT NULL,
    state       INT          NOT NULL,
    attempts    INT          NOT NULL,
    next_at     BIGINT,
    received_at BIGINT       NOT NULL
);
CREATE UNIQUE INDEX ux_inbound_key ON inbound (source, dedupe_key);
CREATE INDEX ix_inbound_next ON inbound (next_at);

-- What a member still allows: one accepted tap on a one-time template is one message (WeChat keeps no count for us).
CREATE TABLE wechat_grant (
    member_id   BIGINT      NOT NULL,
    template_id VARCHAR(64) NOT NULL,
    remaining   INT         NOT NULL,
    changed_at  BIGINT      NOT NULL,
    PRIMARY KEY (member_id, template_id)
);
