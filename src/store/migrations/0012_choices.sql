-- More of what a reader may choose; NULL: as configured. Lists are JSON arrays.
ALTER TABLE preferences ADD COLUMN scopes TEXT;
ALTER TABLE preferences ADD COLUMN kinds TEXT;
ALTER TABLE preferences ADD COLUMN langs TEXT;
ALTER TABLE preferences ADD COLUMN max_stories INTEGER;
ALTER TABLE preferences ADD COLUMN format TEXT;         -- both, html, text
ALTER TABLE preferences ADD COLUMN days TEXT;           -- of the week
ALTER TABLE preferences ADD COLUMN zone TEXT;           -- IANA name
