-- Whom a bounce is about is found by the envelope sender that it came back to.
CREATE INDEX deliveries_envelope ON deliveries (envelope_from);

-- Days with a soft bounce, one a day at most; gone when nothing bounced for a while.
CREATE TABLE soft_bounces (
    address     TEXT PRIMARY KEY,
    days        INTEGER NOT NULL,
    last_at     INTEGER NOT NULL
) STRICT;

-- Messages that were taken, by their SHA-256: one that is read twice counts once.
CREATE TABLE bounce_reports (
    hash        TEXT PRIMARY KEY,
    taken_at    INTEGER NOT NULL,
    unclear     INTEGER NOT NULL        -- 1: no program understands it; a person may want something
) STRICT;
CREATE INDEX bounce_reports_taken ON bounce_reports (taken_at);
