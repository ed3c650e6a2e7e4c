-- What a merge added to conditions and allergies, and what the record that went knew of them: taken out again when the two are parted.
CREATE TABLE member_merge_health (
    merge_id BIGINT NOT NULL PRIMARY KEY,
    cipher   BLOB   NOT NULL
);
