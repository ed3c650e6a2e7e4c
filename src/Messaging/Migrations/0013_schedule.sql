-- What the plan of a run needs beside what stands there already, so that any process can go on with it.
-- closing: it was cancelled, and messages of it that still wait are being suppressed.
ALTER TABLE run ADD COLUMN holdout_salt VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN holdout_bp INT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN closing INT NOT NULL DEFAULT 0;
CREATE INDEX ix_run_campaign ON run (campaign_id);

-- When a campaign is to start by itself, business time. NULL: when somebody starts it.
ALTER TABLE campaign ADD COLUMN scheduled_at BIGINT;
CREATE INDEX ix_campaign_due ON campaign (state, scheduled_at);
