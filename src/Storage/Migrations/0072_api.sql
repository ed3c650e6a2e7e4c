-- The keys of ASP.NET Core's Data Protection, sealed with the keys of the key folder.
CREATE TABLE data_protection_key (
    id         BIGINT NOT NULL PRIMARY KEY,
    xml        TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- One row a write request that carried an Idempotency-Key. state: 1 under way, 2 its change is committed, 3 answered.
-- lease_until (system time): until then a request under way is taken to be alive. attempt tells one try from the next.
CREATE TABLE idempotency (
    principal    VARCHAR(80)  NOT NULL,
    idem_key     VARCHAR(80)  NOT NULL,
    id           BIGINT       NOT NULL,
    request_hash VARCHAR(64)  NOT NULL,
    state        INT          NOT NULL,
    attempt      INT          NOT NULL,
    lease_until  BIGINT       NOT NULL,
    status       INT,
    headers      VARCHAR(500),
    body_cipher  BLOB,
    created_at   BIGINT       NOT NULL,
    PRIMARY KEY (principal, idem_key)
);
CREATE INDEX ix_idempotency_created ON idempotency (created_at);
