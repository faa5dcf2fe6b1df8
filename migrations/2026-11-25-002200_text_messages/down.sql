DROP TABLE unreachable_addresses;
DROP INDEX deliveries_texted;
ALTER TABLE deliveries DROP COLUMN provider_id, DROP COLUMN segments, DROP COLUMN attempts, DROP COLUMN handed_over_at, DROP COLUMN delivered_at;
UPDATE deliveries SET status = 'sent' WHERE status = 'delivered';
ALTER TABLE deliveries DROP CONSTRAINT deliveries_status_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_status_check
    CHECK (status IN ('queued', 'sending', 'sent', 'stopped', 'failed', 'bounced', 'answered'));
