-- What the member has opened in the inbox.
CREATE TABLE inbox_read (
    message_id BIGINT NOT NULL PRIMARY KEY,
    member_id  BIGINT NOT NULL,
    read_at    BIGINT NOT NULL
);
CREATE INDEX ix_inbox_read_member ON inbox_read (member_id);
