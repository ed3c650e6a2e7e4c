-- API keys of till systems. The key itself is shown once and is not here: prefix finds the row, secret_hash proves the rest.
-- source: what its tickets and cards carry as their source. rights: words with a space between. stores: ids as a JSON array, NULL is all stores.
CREATE TABLE pos_key (
    id           BIGINT       NOT NULL PRIMARY KEY,
    name         VARCHAR(40)  NOT NULL,
    prefix       VARCHAR(16)  NOT NULL,
    secret_hash  VARCHAR(64)  NOT NULL,
    source       VARCHAR(32)  NOT NULL,
    rights       VARCHAR(200) NOT NULL,
    stores       TEXT,
    made_at      BIGINT       NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT,
    revoked_at   BIGINT
);
CREATE UNIQUE INDEX ux_pos_key_name ON pos_key (name);
CREATE UNIQUE INDEX ux_pos_key_prefix ON pos_key (prefix);
