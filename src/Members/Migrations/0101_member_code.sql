-- What a member shows at the till: random digits for a minute, system time. Whoever asks for another takes the old ones away.
CREATE TABLE member_code (
    code       VARCHAR(24) NOT NULL PRIMARY KEY,
    member_id  BIGINT      NOT NULL,
    expires_at BIGINT      NOT NULL
);
CREATE INDEX ix_member_code_member ON member_code (member_id, expires_at);
