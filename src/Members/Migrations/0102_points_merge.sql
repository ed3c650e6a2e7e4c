-- What a merge of two member records did to points and referrals beyond the ledger's own entries, so that it can be undone. kind: 1 a lot as the survivor got it, 2 a referral by its inviter, 3 a referral by who was invited.
CREATE TABLE points_merge_row (
    merge_id BIGINT NOT NULL,
    kind     INT    NOT NULL,
    row_id   BIGINT NOT NULL,
    PRIMARY KEY (merge_id, kind, row_id)
);
