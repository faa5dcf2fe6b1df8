DROP TABLE inbound_messages;
UPDATE deliveries SET status = 'failed' WHERE status = 'bounced';
UPDATE deliveries SET status = 'sent' WHERE status = 'answered';
ALTER TABLE deliveries DROP CONSTRAINT deliveries_status_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_status_check
    CHECK (status IN ('queued', 'sending', 'sent', 'stopped', 'failed'));
