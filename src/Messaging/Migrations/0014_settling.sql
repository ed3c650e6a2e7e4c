-- What the workers mended or decided without anybody asking, counted by name over all nodes.
CREATE TABLE sweep (
    name         VARCHAR(40) NOT NULL PRIMARY KEY,
    ran_at       BIGINT      NOT NULL,
    mended_last  BIGINT      NOT NULL,
    mended_total BIGINT      NOT NULL
);
