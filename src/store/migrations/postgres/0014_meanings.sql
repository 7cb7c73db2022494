-- Sentence vectors of entries: made again when the text or the model changes, gone with the entry.
CREATE TABLE meanings (
    entry       BIGINT PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    model       TEXT NOT NULL,
    text_hash   TEXT NOT NULL,
    vector      BYTEA
);
