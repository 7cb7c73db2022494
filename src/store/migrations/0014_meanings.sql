-- Sentence vectors of entries: made again when the text or the model changes, gone with the entry.
CREATE TABLE meanings (
    entry       INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    model       TEXT NOT NULL,          -- fingerprint of the model's files
    text_hash   TEXT NOT NULL,          -- of the text that was read
    vector      BLOB                    -- 32-bit floats, little-endian; NULL: a language that the model does not know
) STRICT;
