-- A batch that is taken back. level: 1 within 24 hours, 2 within 48, 3 within 72.
CREATE TABLE recall (
    id           BIGINT       NOT NULL PRIMARY KEY,
    product_id   BIGINT       NOT NULL,
    batch_no     VARCHAR(64)  NOT NULL,
    level        INT          NOT NULL,
    reason       VARCHAR(200) NOT NULL,
    advice       VARCHAR(300) NOT NULL,
    staff_id     BIGINT       NOT NULL,
    announced_at BIGINT       NOT NULL
);
CREATE UNIQUE INDEX ux_recall_batch ON recall (product_id, batch_no);
