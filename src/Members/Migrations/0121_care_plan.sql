-- source: 1 tickets, 2 a pharmacist, 3 the member. remind_on: the day for which the member asked to be reminded again.
-- stated: 1 when people have said something of the line, which is then added up together with the purchases.
-- product_id 0: a medicine that is none of ours, named in its first statement.
ALTER TABLE therapy_line ADD COLUMN source INT NOT NULL DEFAULT 1;
ALTER TABLE therapy_line ADD COLUMN remind_on INT;
ALTER TABLE therapy_line ADD COLUMN stated INT NOT NULL DEFAULT 0;

-- What people say of a therapy line, in addition to what they buy. Only ever inserted.
-- kind: 1 it is taken, 2 the dose, 3 bought elsewhere, 4 still have, 5 stopped, 6 ask again later. teller: 2 a pharmacist, 3 the member.
CREATE TABLE therapy_statement (
    id                  BIGINT       NOT NULL PRIMARY KEY,
    member_id           BIGINT       NOT NULL,
    therapy_key         VARCHAR(150) NOT NULL,
    kind                INT          NOT NULL,
    day                 INT          NOT NULL,
    days                INT,
    units_per_day_milli INT,
    product_id          BIGINT,
    teller              INT          NOT NULL,
    staff_id            BIGINT,
    detail_cipher       BLOB,
    said_at             BIGINT       NOT NULL
);
CREATE INDEX ix_therapy_statement_line ON therapy_statement (member_id, therapy_key);

-- A dose of a day that was taken or skipped. minute: of the day. state: 1 taken, 2 skipped.
CREATE TABLE dose_mark (
    line_id   BIGINT NOT NULL,
    day       INT    NOT NULL,
    minute    INT    NOT NULL,
    member_id BIGINT NOT NULL,
    state     INT    NOT NULL,
    marked_at BIGINT NOT NULL,
    PRIMARY KEY (line_id, day, minute)
);
CREATE INDEX ix_dose_mark_member ON dose_mark (member_id, day);

-- The values and what the approved table says of them are one ciphertext. source: 1 the member, 2 the store.
CREATE TABLE measurement (
    id           BIGINT NOT NULL PRIMARY KEY,
    member_id    BIGINT NOT NULL,
    kind         INT    NOT NULL,
    taken_at     BIGINT NOT NULL,
    value_cipher BLOB   NOT NULL,
    source       INT    NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX ix_measurement_member ON measurement (member_id, taken_at);

-- Conditions and allergies, kept only for as long as there is a health consent.
CREATE TABLE member_health (
    member_id  BIGINT NOT NULL PRIMARY KEY,
    cipher     BLOB   NOT NULL,
    changed_at BIGINT NOT NULL
);

-- A pharmacist enters, the member confirms on the own phone. state: 1 waits for the member, 2 confirmed, 3 declined, 4 ended.
-- draft_cipher: what was entered, gone once it was decided. expires_at is system time.
CREATE TABLE care_enrolment (
    id           BIGINT       NOT NULL PRIMARY KEY,
    member_id    BIGINT       NOT NULL,
    code         VARCHAR(20)  NOT NULL,
    programme    VARCHAR(32)  NOT NULL,
    store_id     BIGINT,
    staff_id     BIGINT       NOT NULL,
    state        INT          NOT NULL,
    draft_cipher BLOB,
    created_at   BIGINT       NOT NULL,
    expires_at   BIGINT       NOT NULL,
    decided_at   BIGINT,
    end_reason   VARCHAR(32)
);
CREATE UNIQUE INDEX ux_care_enrolment_code ON care_enrolment (code);
CREATE INDEX ix_care_enrolment_member ON care_enrolment (member_id);
