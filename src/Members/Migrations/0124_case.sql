-- What members bring to us. category: 1 complaint, 2 consultation, 3 after-sale, 4 logged call, 5 question to a pharmacist. source: 1 mini-program, 2 counter, 3 phone, 4 WeChat chat, 5 SMS, 6 survey.
-- state: 1 open, 2 answered, 3 done. level: how often its due time has passed without an answer. member_id NULL: somebody who did not say who they are.
CREATE TABLE service_case (
    id          BIGINT      NOT NULL PRIMARY KEY,
    member_id   BIGINT,
    category    INT         NOT NULL,
    cause       VARCHAR(32) NOT NULL,
    store_id    BIGINT,
    owner_id    BIGINT,
    source      INT         NOT NULL,
    state       INT         NOT NULL,
    level       INT         NOT NULL,
    due_at      BIGINT      NOT NULL,
    opened_at   BIGINT      NOT NULL,
    answered_at BIGINT,
    done_at     BIGINT,
    reopened    INT         NOT NULL,
    rating      INT,
    version     BIGINT      NOT NULL
);
CREATE INDEX ix_service_case_member ON service_case (member_id, id);
CREATE INDEX ix_service_case_due ON service_case (state, due_at);
CREATE INDEX ix_service_case_store ON service_case (store_id, id);

-- One thread over all channels, which have the numbers of source; 7 is ourselves. voice: 1 the member, 2 staff, 3 a fixed text. photos: ids, comma separated.
CREATE TABLE case_entry (
    id          BIGINT       NOT NULL PRIMARY KEY,
    case_id     BIGINT       NOT NULL,
    at          BIGINT       NOT NULL,
    voice       INT          NOT NULL,
    staff_id    BIGINT,
    speaker     VARCHAR(160) NOT NULL,
    channel     INT          NOT NULL,
    text_cipher BLOB         NOT NULL,
    photos      VARCHAR(200) NOT NULL,
    is_internal INT          NOT NULL
);
CREATE INDEX ix_case_entry_case ON case_entry (case_id, id);

CREATE TABLE case_photo (
    id           BIGINT      NOT NULL PRIMARY KEY,
    member_id    BIGINT      NOT NULL,
    case_id      BIGINT,
    content_type VARCHAR(32) NOT NULL,
    size         INT         NOT NULL,
    image_cipher LONGBLOB    NOT NULL,
    created_at   BIGINT      NOT NULL
);
CREATE INDEX ix_case_photo_member ON case_photo (member_id, created_at);
