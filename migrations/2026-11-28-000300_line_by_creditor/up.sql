-- Who joins a line is looked for creditor by creditor: a thousand messages of one do not stand before the first of another.
DROP INDEX deliveries_joining;
CREATE INDEX deliveries_joining ON deliveries (channel, creditor_id, due_at) WHERE due_at IS NOT NULL AND turn IS NULL;
