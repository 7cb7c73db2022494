-- Article pages of feeds with full_text: what was read, or why not.
CREATE TABLE pages (
    entry       INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    tries       INTEGER NOT NULL,
    tried_at    INTEGER NOT NULL,
    settled     INTEGER NOT NULL,       -- 1: not asked for again, whether read or refused
    reason      TEXT,                   -- why there is no text, in plain words
    text        TEXT
) STRICT;

-- NULL: paused until resumed.
ALTER TABLE feeds ADD COLUMN paused_until INTEGER;
