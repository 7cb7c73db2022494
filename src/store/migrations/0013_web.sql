-- Folded words of headline and summary, found by the entry's number; the words themselves are kept in `entries` only.
-- porter: English words without their endings; Arabic script is folded before it comes here.
CREATE VIRTUAL TABLE entries_text USING fts5 (
    headline, summary, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 0'
);

-- Entries from before this table, up to this number, are still to be taken in; no row: all are.
CREATE TABLE search_backlog (
    upto    INTEGER NOT NULL
) STRICT;
INSERT INTO search_backlog SELECT max(id) FROM entries HAVING max(id) IS NOT NULL;

CREATE INDEX edition_entries_thread ON edition_entries (thread);
CREATE INDEX edition_entries_entry ON edition_entries (entry);
CREATE INDEX editions_slot ON editions (slot);

-- Who subscribed on the web and confirmed it by mail.
CREATE TABLE web_subscribers (
    address         TEXT PRIMARY KEY,   -- in lower case
    digests         TEXT NOT NULL,      -- JSON array
    topics          TEXT NOT NULL,      -- JSON array; empty: all
    lang            TEXT NOT NULL,
    confirmed_at    INTEGER NOT NULL
) STRICT;

-- Who asked and has not confirmed. Their mail is a delivery of the day's edition of the digest `confirm`, which exists for
-- this only: so one address gets one a day, in the same outbox as every other mail.
CREATE TABLE confirmations (
    address         TEXT PRIMARY KEY,   -- in lower case
    token           TEXT NOT NULL UNIQUE,
    digests         TEXT NOT NULL,
    topics          TEXT NOT NULL,
    lang            TEXT NOT NULL,
    asked_at        INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;

-- The language that a reader chose for the mail; NULL: as configured.
ALTER TABLE preferences ADD COLUMN mail_lang TEXT;
