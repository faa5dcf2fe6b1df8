DROP INDEX deliveries_joining;
CREATE INDEX deliveries_joining ON deliveries (channel, due_at) WHERE due_at IS NOT NULL AND turn IS NULL;
