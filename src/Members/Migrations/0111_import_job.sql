-- Files that staff uploaded. state: 1 waits, 2 runs, 3 done, 4 the file cannot be read, 5 failed on our side, 6 stopped by staff. heartbeat_at (system time): one that waits or runs and has been silent for minutes was cut off.
-- report: what was done, as JSON, once it is done.
CREATE TABLE import_job (
    id           BIGINT       NOT NULL PRIMARY KEY,
    kind         INT          NOT NULL,
    source       VARCHAR(32)  NOT NULL,
    file_name    VARCHAR(200) NOT NULL,
    dry_run      INT          NOT NULL,
    state        INT          NOT NULL,
    staff_id     BIGINT       NOT NULL,
    created_at   BIGINT       NOT NULL,
    heartbeat_at BIGINT       NOT NULL,
    finished_at  BIGINT,
    rows_read    BIGINT       NOT NULL,
    rejected     BIGINT       NOT NULL,
    expected     BIGINT,
    stop_asked   INT          NOT NULL,
    sha256       VARCHAR(64)  NOT NULL,
    report       TEXT,
    error_code   VARCHAR(64)  NOT NULL,
    error_zh     VARCHAR(300) NOT NULL,
    error_en     VARCHAR(300) NOT NULL
);
CREATE INDEX ix_import_job_state ON import_job (state);

-- The list of refused rows, in parts: it holds line numbers, columns and reasons, and no value of a row.
CREATE TABLE import_reject (
    job_id BIGINT NOT NULL,
    seq    INT    NOT NULL,
    part   BLOB   NOT NULL,
    PRIMARY KEY (job_id, seq)
);
