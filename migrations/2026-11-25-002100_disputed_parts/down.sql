DROP TABLE dispute_evidence;
DROP TABLE dispute_parts;
DELETE FROM disputes WHERE hold_id IS NULL;
ALTER TABLE disputes DROP COLUMN by_default, DROP COLUMN answer_by, DROP COLUMN awaited, ALTER COLUMN hold_id SET NOT NULL;
ALTER TABLE receivables DROP COLUMN disputed_minor;
