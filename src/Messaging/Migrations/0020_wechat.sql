-- Customer-service messages that WeChat takes from us for now. source: 1 the person wrote to us, 2 tapped a menu, followed or scanned.
-- until_at: WeChat's time, so the system clock. Taken at intent, like a grant.
CREATE TABLE wechat_window (
    id        BIGINT      NOT NULL PRIMARY KEY,
    account   VARCHAR(64) NOT NULL,
    openid    VARCHAR(64) NOT NULL,
    source    INT         NOT NULL,
    remaining INT         NOT NULL,
    until_at  BIGINT      NOT NULL
);
CREATE UNIQUE INDEX ux_wechat_window ON wechat_window (account, openid, source);

-- Who follows the official account. look_at: when WeChat is asked who that is, NULL once it is known or given up.
-- A follower who is a member has a row of member_identity under the official account, and that is what the gate looks at.
CREATE TABLE wechat_follower (
    account     VARCHAR(64) NOT NULL,
    openid      VARCHAR(64) NOT NULL,
    scene       VARCHAR(64) NOT NULL,
    followed_at BIGINT      NOT NULL,
    look_at     BIGINT,
    looks       INT         NOT NULL,
    PRIMARY KEY (account, openid)
);
CREATE INDEX ix_wechat_follower_look ON wechat_follower (look_at);
CREATE INDEX ix_member_identity_unionid ON member_identity (unionid);

-- What people write to us. state: 1 an answer is to be sent, 2 being sent, 3 answered, 4 waits for staff, 5 the answer was refused or nobody can say.
-- The id is that of the push, so that nothing is kept twice. ready_at: when an answer may go out.
CREATE TABLE wechat_chat (
    id           BIGINT       NOT NULL PRIMARY KEY,
    account      VARCHAR(64)  NOT NULL,
    openid       VARCHAR(64)  NOT NULL,
    message_type VARCHAR(32)  NOT NULL,
    text_cipher  BLOB,
    media_id     VARCHAR(200),
    reply_cipher BLOB,
    reply_code   VARCHAR(64),
    state        INT          NOT NULL,
    said_at      BIGINT       NOT NULL,
    ready_at     BIGINT       NOT NULL
);
CREATE INDEX ix_wechat_chat_state ON wechat_chat (state, id);

-- The providers' own templates as they were last seen. state: 1 usable, 2 gone, 3 refused. provider: wechat, wechat_mp.
CREATE TABLE provider_template (
    provider    VARCHAR(16)  NOT NULL,
    template_id VARCHAR(64)  NOT NULL,
    title       VARCHAR(200) NOT NULL,
    content     TEXT         NOT NULL,
    type        INT          NOT NULL,
    state       INT          NOT NULL,
    seen_at     BIGINT       NOT NULL,
    PRIMARY KEY (provider, template_id)
);
