CREATE TABLE survey (
    id             BIGINT       NOT NULL PRIMARY KEY,
    code           VARCHAR(64)  NOT NULL,
    latest_version INT          NOT NULL
);
CREATE UNIQUE INDEX ux_survey_code ON survey (code);

-- A version never changes but for being closed. closed_at NULL: it takes answers until its last day.
CREATE TABLE survey_version (
    survey_id  BIGINT NOT NULL,
    version    INT    NOT NULL,
    content    TEXT   NOT NULL,
    until_day  INT    NOT NULL,
    author_id  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at  BIGINT,
    PRIMARY KEY (survey_id, version)
);

-- member_id NULL: anonymous. mode: 1 online, 2 phone, 3 counter.
CREATE TABLE survey_answer (
    id        BIGINT NOT NULL PRIMARY KEY,
    survey_id BIGINT NOT NULL,
    version   INT    NOT NULL,
    member_id BIGINT,
    mode      INT    NOT NULL,
    store_id  BIGINT,
    staff_id  BIGINT,
    day       INT    NOT NULL
);
CREATE INDEX ix_survey_answer_survey ON survey_answer (survey_id, version);
CREATE INDEX ix_survey_answer_member ON survey_answer (member_id);

CREATE TABLE survey_score (
    answer_id BIGINT      NOT NULL,
    question  VARCHAR(32) NOT NULL,
    score     INT         NOT NULL,
    PRIMARY KEY (answer_id, question)
);
CREATE TABLE survey_text (
    answer_id   BIGINT      NOT NULL,
    question    VARCHAR(32) NOT NULL,
    text_cipher BLOB        NOT NULL,
    PRIMARY KEY (answer_id, question)
);

-- Who has answered: no time and no answer, so that an anonymous one stays so.
CREATE TABLE survey_done (
    survey_id BIGINT NOT NULL,
    version   INT    NOT NULL,
    member_id BIGINT NOT NULL,
    PRIMARY KEY (survey_id, version, member_id)
);
CREATE INDEX ix_survey_done_member ON survey_done (member_id);
