-- A lease belongs to the process that holds the data folder's lock and ends with it; the wall clock has no say in it.
ALTER TABLE deliveries DROP COLUMN leased_until;

-- 'dot' from just before the final dot is written until the answer is recorded: only then can a crash lead to a second copy.
ALTER TABLE deliveries ADD COLUMN stage TEXT;

CREATE INDEX attempts_ended ON attempts (ended_at);

-- What the operator was told, so that a standing trouble is told once a day, also over restarts.
CREATE TABLE notices (
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,          -- a feed, a delivery; '' for what there is only one of
    told_at     INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
