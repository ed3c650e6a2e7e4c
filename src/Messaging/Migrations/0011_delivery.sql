-- class: that of its kind. paused: why it waits for a person (staff, past_due, outage, restored), NULL when it does not.
-- expanded_to: the last member written down; a chunk is committed only by whoever moves it on from where it was planned.
-- run_key: what keeps two schedulers from making the same run twice.
ALTER TABLE run ADD COLUMN run_key VARCHAR(80);
ALTER TABLE run ADD COLUMN class INT NOT NULL DEFAULT 3;
ALTER TABLE run ADD COLUMN template_version_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN expanded_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN paused VARCHAR(32);
CREATE UNIQUE INDEX ux_run_key ON run (run_key);
CREATE INDEX ix_run_state ON run (state);
UPDATE run SET class = 2 WHERE kind IN (3, 4, 8);
UPDATE run SET class = 1 WHERE kind IN (1, 2);

-- possibly_twice: sent again although an earlier attempt of it is in doubt and nobody can be asked. queries: how often the provider was asked about the attempt in doubt.
ALTER TABLE message ADD COLUMN possibly_twice INT NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN queries INT NOT NULL DEFAULT 0;

-- ready_at is when the row wants attention: due while Pending; when the receipt is overdue while Sending, Sent or InDoubt, or earlier when a doubt can be settled;
-- NULL once nothing is left to do. A run at a time is read, so that no campaign stands before another, and a paused one costs nothing.
CREATE INDEX ix_message_attention ON message (run_id, shard, ready_at);
DROP INDEX ix_message_due ON message;
DROP INDEX ix_message_run ON message;

-- By creation (the id, which every index ends with) and not by intent: an index that an intent need not change. A message lives for days only.
CREATE INDEX ix_message_of ON message (member_id);
DROP INDEX ix_message_member ON message;

-- Messages that failed, until a person releases or closes them. state: 1 open, 2 released, 3 closed.
CREATE TABLE dead_letter (
    message_id BIGINT      NOT NULL PRIMARY KEY,
    run_id     BIGINT      NOT NULL,
    kind       INT         NOT NULL,
    reason     VARCHAR(32) NOT NULL,
    code       VARCHAR(64),
    failed_at  BIGINT      NOT NULL,
    state      INT         NOT NULL,
    decided_by VARCHAR(64),
    decided_at BIGINT
);
CREATE INDEX ix_dead_letter_open ON dead_letter (state, failed_at);

-- intents_from: every row of the shard that its owner may have left in Sending has an intent at or after this moment (business clock).
ALTER TABLE shard ADD COLUMN intents_from BIGINT NOT NULL DEFAULT 0;
