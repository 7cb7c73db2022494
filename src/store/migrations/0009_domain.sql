-- Where a mail goes, so that one domain whose mails take long does not hold every place.
ALTER TABLE deliveries ADD COLUMN domain TEXT GENERATED ALWAYS AS (lower(substr(subscriber, instr(subscriber, '@') + 1))) VIRTUAL;

-- What is being sent now: a handful of rows in a table of many.
CREATE INDEX deliveries_sending ON deliveries (id) WHERE status = 'sending';
