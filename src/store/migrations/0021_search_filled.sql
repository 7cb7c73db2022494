-- Entries up to this number are in the index of words (or were removed); later ones are taken in many at once.
CREATE TABLE search_filled (
    upto    INTEGER NOT NULL
) STRICT;
INSERT INTO search_filled SELECT COALESCE(max(id), 0) FROM entries;
