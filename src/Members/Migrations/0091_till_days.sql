-- What a store bought and took back on a day is added up from the tickets themselves.
CREATE INDEX ix_purchase_store_day ON purchase (store_id, business_day);

-- What a till system said that it sold in a store on a day, to hold against what has arrived. The told figures are NULL when it said nothing where it always does.
-- state: 1 told, and not all has arrived; 2 settled; 3 differs, and somebody was alarmed; 4 nothing was told, and somebody was alarmed.
CREATE TABLE till_day (
    store_id   BIGINT      NOT NULL,
    day        INT         NOT NULL,
    source     VARCHAR(32) NOT NULL,
    tickets    INT,
    line_count INT,
    net_fen    BIGINT,
    state      INT         NOT NULL,
    told_at    BIGINT      NOT NULL,
    PRIMARY KEY (store_id, day, source)
);
CREATE INDEX ix_till_day_state ON till_day (state, told_at);
CREATE INDEX ix_till_day_day ON till_day (day);
