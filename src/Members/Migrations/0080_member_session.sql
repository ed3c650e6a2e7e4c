-- A sign-in of one person on one device. member_id NULL: a visitor, who has not given a phone number yet. A token only names the row, and the row decides.
-- refresh_no: the number of the refresh token that is good now. All instants are system time. idle_until: refreshed later than that, it has ended.
CREATE TABLE member_session (
    id           BIGINT      NOT NULL PRIMARY KEY,
    account      VARCHAR(64) NOT NULL,
    openid       VARCHAR(64) NOT NULL,
    unionid      VARCHAR(64),
    member_id    BIGINT,
    created_at   BIGINT      NOT NULL,
    idle_until   BIGINT      NOT NULL,
    expires_at   BIGINT      NOT NULL,
    refresh_no   INT         NOT NULL,
    refreshed_at BIGINT      NOT NULL,
    ended_at     BIGINT,
    ended_why    VARCHAR(32)
);
CREATE INDEX ix_member_session_member ON member_session (member_id, ended_at);
CREATE INDEX ix_member_session_person ON member_session (account, openid, ended_at);
CREATE INDEX ix_member_session_idle ON member_session (idle_until);
