-- Stories as editions told them, found by their words for as long as the edition is kept: entries go sooner.
CREATE TABLE told (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    edition     INTEGER NOT NULL REFERENCES editions (id) ON DELETE CASCADE,
    slot        INTEGER NOT NULL,
    thread      INTEGER NOT NULL,
    headline    TEXT NOT NULL,
    lang        TEXT NOT NULL,
    publishers  INTEGER NOT NULL
) STRICT;
CREATE INDEX told_edition ON told (edition);
CREATE INDEX told_thread ON told (thread);

-- Folded words of a story's headline, summary and reports, by `told.id`.
CREATE VIRTUAL TABLE told_text USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 0'
);
CREATE TRIGGER told_gone AFTER DELETE ON told BEGIN
    DELETE FROM told_text WHERE rowid = old.id;
END;

-- Editions from before these tables, after the one and up to the other, are still to be taken in; no row: all are.
CREATE TABLE told_backlog (
    after   INTEGER NOT NULL,
    upto    INTEGER NOT NULL
) STRICT;
INSERT INTO told_backlog SELECT 0, max(id) FROM editions HAVING max(id) IS NOT NULL;
