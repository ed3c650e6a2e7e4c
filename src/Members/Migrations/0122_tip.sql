-- Articles of health knowledge. published_version NULL: none is out. A version never changes but for its review.
CREATE TABLE tip (
    id                BIGINT       NOT NULL PRIMARY KEY,
    code              VARCHAR(64)  NOT NULL,
    latest_version    INT          NOT NULL,
    published_version INT,
    withdrawn_at      BIGINT,
    withdrawn_why     VARCHAR(200)
);
CREATE UNIQUE INDEX ux_tip_code ON tip (code);

-- state: 1 draft, 2 reviewed once and waiting for the second pharmacist, 3 published, 4 refused, 5 withdrawn or replaced.
CREATE TABLE tip_version (
    tip_id            BIGINT      NOT NULL,
    version           INT         NOT NULL,
    content           TEXT        NOT NULL,
    state             INT         NOT NULL,
    author_id         BIGINT      NOT NULL,
    created_at        BIGINT      NOT NULL,
    first_reviewer_id BIGINT,
    reviewer_id       BIGINT,
    reviewer          VARCHAR(64),
    licence_no        VARCHAR(64),
    reviewed_day      INT,
    valid_from        INT         NOT NULL,
    valid_until       INT         NOT NULL,
    PRIMARY KEY (tip_id, version)
);
CREATE INDEX ix_tip_version_state ON tip_version (state, valid_until);

-- What a member has read, so that it is not shown again for half a year. useful: 1 yes, 0 no, NULL not said.
CREATE TABLE tip_view (
    member_id BIGINT      NOT NULL,
    tip_id    BIGINT      NOT NULL,
    version   INT         NOT NULL,
    topic     VARCHAR(32) NOT NULL,
    seen_day  INT         NOT NULL,
    useful    INT,
    PRIMARY KEY (member_id, tip_id)
);
CREATE INDEX ix_tip_view_tip ON tip_view (tip_id);

-- Who of the staff is a registered pharmacist. Name and number hang in the shop.
CREATE TABLE pharmacist_licence (
    staff_id    BIGINT       NOT NULL PRIMARY KEY,
    name        VARCHAR(64)  NOT NULL,
    licence_no  VARCHAR(64)  NOT NULL,
    institution VARCHAR(100) NOT NULL,
    valid_until INT          NOT NULL
);
