ALTER TABLE alerts DROP COLUMN webhook_error, DROP COLUMN webhook_taken_at;
ALTER TABLE alert_rules DROP COLUMN by_webhook;
DROP TABLE alert_webhooks;
