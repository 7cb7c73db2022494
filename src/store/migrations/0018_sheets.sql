-- What mails of one edition to readers with equal wishes have in common, kept once; with nothing in it of any reader.
CREATE TABLE sheets (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    edition     INTEGER NOT NULL REFERENCES editions (id) ON DELETE CASCADE,
    text        TEXT NOT NULL           -- JSON
) STRICT;
CREATE INDEX sheets_edition ON sheets (edition);

-- A mail is its bytes, or a sheet, the reader's own values in it, and the SHA-256 of the whole; all emptied some days after the end.
ALTER TABLE deliveries ADD COLUMN sheet INTEGER;
ALTER TABLE deliveries ADD COLUMN own TEXT;             -- JSON
ALTER TABLE deliveries ADD COLUMN hash TEXT;
