-- What the medical insurance account paid of a line: it earns no points. Negative on a refund.
ALTER TABLE purchase_line ADD COLUMN insurance_fen BIGINT NOT NULL DEFAULT 0;
