-- Processes that share a desk in PostgreSQL, each as long as it renews its row. With SQLite there is one, and it holds the folder's
-- lock: these stay empty. Times are milliseconds of the server's clock.
CREATE TABLE workers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    host        TEXT NOT NULL,
    pid         INTEGER NOT NULL,
    version     TEXT NOT NULL,
    roles       TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    alive_until INTEGER NOT NULL
) STRICT;

-- What one worker does at a time: asking a publisher's host, a round of publishing. Free when its worker's row has gone.
CREATE TABLE claims (
    name        TEXT PRIMARY KEY,
    worker      INTEGER,
    rest        INTEGER NOT NULL,       -- from one claim's end to the next
    free_at     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Who is sending.
ALTER TABLE deliveries ADD COLUMN worker INTEGER;
-- When it began, where several share the relay's rate.
ALTER TABLE attempts ADD COLUMN begun INTEGER;
CREATE INDEX attempts_begun ON attempts (begun) WHERE begun IS NOT NULL;
