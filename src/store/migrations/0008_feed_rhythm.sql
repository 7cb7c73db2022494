-- What a publisher asks of pollers, and how often a feed really changes.
ALTER TABLE feeds ADD COLUMN skips INTEGER NOT NULL DEFAULT 0;  -- bits 0-23: hours, bits 24-30: days from Monday, in UTC
ALTER TABLE feeds ADD COLUMN rhythm INTEGER;                    -- seconds between two polls that brought something new
