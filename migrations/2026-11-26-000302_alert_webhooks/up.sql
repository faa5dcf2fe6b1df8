-- Where an organisation's own software is told of alerts, and what became of each telling.
CREATE TABLE alert_webhooks (
    owner_id uuid PRIMARY KEY REFERENCES organisations,
    url text NOT NULL,
    secret_id uuid NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN alert_webhooks.secret_id IS 'The secret it is signed with follows from this and the master secret; a new id is a new secret';
ALTER TABLE alert_webhooks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON alert_webhooks USING ((SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE, DELETE ON alert_webhooks TO entente_runtime;

ALTER TABLE alert_rules ADD COLUMN by_webhook boolean NOT NULL DEFAULT false;
ALTER TABLE alerts ADD COLUMN webhook_taken_at timestamptz, ADD COLUMN webhook_error text;
COMMENT ON COLUMN alerts.webhook_taken_at IS 'When the organisation''s software took it; NULL while it has not, or where the rule wants no webhook';
COMMENT ON COLUMN alerts.webhook_error IS 'What the last try came to, where it was not taken';
