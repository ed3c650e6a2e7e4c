-- Products whose dose was changed, until the therapy lines of everybody who bought them follow. The mark is an id: a dose that changes again meanwhile gets another one.
CREATE TABLE product_redosed (
    product_id BIGINT NOT NULL PRIMARY KEY,
    mark       BIGINT NOT NULL
);
