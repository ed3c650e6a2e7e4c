-- Rules of points (kind 1) and tiers (kind 2) on their way from author to approver. state: 1 waits, 2 approved, 3 refused, 4 taken back. version: the version that it became.
CREATE TABLE rules_proposal (
    id          BIGINT       NOT NULL PRIMARY KEY,
    kind        INT          NOT NULL,
    valid_from  INT          NOT NULL,
    body        TEXT         NOT NULL,
    note        VARCHAR(200) NOT NULL,
    state       INT          NOT NULL,
    proposed_by BIGINT       NOT NULL,
    proposed_at BIGINT       NOT NULL,
    decided_by  BIGINT,
    decided_at  BIGINT,
    why         VARCHAR(200) NOT NULL,
    version     INT
);
CREATE INDEX ix_rules_proposal_kind ON rules_proposal (kind, id);
