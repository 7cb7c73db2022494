DROP INDEX deliveries_due;
CREATE INDEX deliveries_waiting ON deliveries (next_attempt_at, id) WHERE status IN ('queued', 'deferred');
CREATE INDEX deliveries_domain ON deliveries (domain, next_attempt_at, id) WHERE status IN ('queued', 'deferred');
