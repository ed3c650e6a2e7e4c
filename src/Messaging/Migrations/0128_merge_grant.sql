-- The WeChat grants that went along with a merge.
CREATE TABLE member_merge_grant (
    merge_id    BIGINT      NOT NULL,
    template_id VARCHAR(64) NOT NULL,
    PRIMARY KEY (merge_id, template_id)
);
