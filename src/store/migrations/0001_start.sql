-- Instants are seconds since 1970-01-01 UTC.

-- Keeps Message-IDs of this installation unguessable; never leaves it.
CREATE TABLE installation (
    salt TEXT NOT NULL
) STRICT;
INSERT INTO installation (salt) VALUES (hex(randomblob(16)));

CREATE TABLE feeds (
    id              TEXT PRIMARY KEY,
    url             TEXT NOT NULL,      -- as configured; a change resets what was learned about the old one
    health          TEXT NOT NULL DEFAULT 'new',
    etag            TEXT,
    last_modified   TEXT,
    validators_of   TEXT,               -- the URL that answered with these two
    last_polled_at  INTEGER,
    last_ok_at      INTEGER,
    last_new_at     INTEGER,
    next_poll_at    INTEGER,
    failures        INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT,
    moved_to        TEXT,
    min_interval    INTEGER,
    paused          INTEGER NOT NULL DEFAULT 0
) STRICT;

-- AUTOINCREMENT: an id is never used again, so "entries after N" stays true when old entries are removed.
CREATE TABLE entries (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    feed        TEXT NOT NULL,
    key         TEXT NOT NULL,
    guid        TEXT,
    url         TEXT,
    headline    TEXT NOT NULL,
    summary     TEXT NOT NULL,
    author      TEXT,
    source      TEXT,
    categories  TEXT NOT NULL,          -- JSON array
    lang        TEXT NOT NULL,
    published   INTEGER,
    updated     INTEGER,
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    backlog     INTEGER NOT NULL,       -- 1: found by the first poll of its feed
    UNIQUE (feed, key)
) STRICT;
CREATE INDEX entries_first_seen ON entries (first_seen);
CREATE INDEX entries_url ON entries (url);

-- Headlines and summaries that a publisher edited in place.
CREATE TABLE entry_versions (
    entry       INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    headline    TEXT NOT NULL,
    summary     TEXT NOT NULL,
    replaced_at INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_versions_entry ON entry_versions (entry);

CREATE TABLE editions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    digest      TEXT NOT NULL,
    cadence     TEXT NOT NULL,          -- schedule and zone that made the slot
    slot        INTEGER NOT NULL,
    state       TEXT NOT NULL,          -- published, empty, folded (into the next one)
    created_at  INTEGER NOT NULL,
    upto        INTEGER NOT NULL,       -- highest entry id it knew
    stories     INTEGER NOT NULL,
    content     TEXT,                   -- the frozen digest, JSON
    UNIQUE (digest, cadence, slot)
) STRICT;

-- What the readers of a digest have been shown.
CREATE TABLE edition_entries (
    edition     INTEGER NOT NULL REFERENCES editions (id) ON DELETE CASCADE,
    entry       INTEGER NOT NULL,
    story       INTEGER NOT NULL,
    thread      INTEGER NOT NULL,
    first_seen  INTEGER NOT NULL,       -- when the thread was first seen
    PRIMARY KEY (edition, entry)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    edition         INTEGER NOT NULL REFERENCES editions (id) ON DELETE CASCADE,
    subscriber      TEXT NOT NULL,
    status          TEXT NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    crashes         INTEGER NOT NULL DEFAULT 0,
    fence           INTEGER NOT NULL DEFAULT 0,
    leased_until    INTEGER,
    next_attempt_at INTEGER,
    created_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    answer          TEXT,               -- the last answer, without the address
    message_id      TEXT NOT NULL,
    envelope_from   TEXT NOT NULL,
    bytes           BLOB,               -- RFC 5322; emptied some days after the end
    UNIQUE (edition, subscriber)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE status IN ('queued', 'sending', 'deferred');

CREATE TABLE attempts (
    delivery    INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    fence       INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    outcome     TEXT,                   -- JSON; NULL while under way or after a crash
    PRIMARY KEY (delivery, fence)
) STRICT, WITHOUT ROWID;

-- Beats any address in TOML.
CREATE TABLE suppressions (
    address     TEXT PRIMARY KEY,
    reason      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    until       INTEGER                 -- NULL: for good
) STRICT;
