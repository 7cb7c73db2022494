CREATE TABLE search_filled (
    upto    BIGINT NOT NULL
);
INSERT INTO search_filled SELECT COALESCE(max(id), 0) FROM entries;
