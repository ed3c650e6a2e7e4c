-- The processes of this installation, each with the moment of its last heartbeat (Unix milliseconds of its own system clock).
-- roles: 1 Api, 2 Worker, 3 both. (Table "node" of 0001 is something else: the leased numbers of the id generator.)
CREATE TABLE cluster_node (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    roles      INT         NOT NULL,
    started_at BIGINT      NOT NULL,
    seen_at    BIGINT      NOT NULL
);
