-- What readers decided on the pages or by mail; it overlays the configuration.
CREATE TABLE preferences (
    address         TEXT PRIMARY KEY,
    topics          TEXT,               -- JSON array; NULL: as configured
    hour            INTEGER,            -- 0 to 23, in the zone of their digest; NULL: as configured
    paused_until    INTEGER,
    changed_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE left_digests (
    address TEXT NOT NULL,
    digest  TEXT NOT NULL,
    left_at INTEGER NOT NULL,
    PRIMARY KEY (address, digest)
) STRICT, WITHOUT ROWID;

-- Who gets no mail: of one digest, or (digest NULL) of any; until NULL: for good.
CREATE VIEW stopped AS
    SELECT address, NULL AS digest, until FROM suppressions
    UNION ALL SELECT address, digest, NULL FROM left_digests
    UNION ALL SELECT address, NULL, paused_until FROM preferences WHERE paused_until IS NOT NULL;
