-- Leasing goes through what waits in the order in which it falls due, or domain by domain: each of these indexes holds those rows
-- only, and is found by the condition in its own words.
DROP INDEX deliveries_due;
CREATE INDEX deliveries_waiting ON deliveries (next_attempt_at, id) WHERE status IN ('queued', 'deferred');
CREATE INDEX deliveries_domain ON deliveries (domain, next_attempt_at, id) WHERE status IN ('queued', 'deferred');
