-- Text messages, what their provider says of them, and addresses that reach nobody any more.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_status_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_status_check
    CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'stopped', 'failed', 'bounced', 'answered'));
ALTER TABLE deliveries ADD COLUMN provider_id text CONSTRAINT deliveries_provider_id_unique UNIQUE,
    ADD COLUMN segments smallint CHECK (segments > 0),
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN handed_over_at timestamptz,
    ADD COLUMN delivered_at timestamptz;
COMMENT ON COLUMN deliveries.provider_id IS 'What its provider calls it: reports come in under this name';
COMMENT ON COLUMN deliveries.segments IS 'How many a text message is sent, and paid, as';
COMMENT ON COLUMN deliveries.attempts IS 'How often it was tried, or asked after: each wait is twice the one before';
CREATE INDEX deliveries_texted ON deliveries (address, queued_at DESC) WHERE channel = 'sms';

CREATE TABLE unreachable_addresses (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    debtor_id uuid NOT NULL REFERENCES debtors,
    channel text NOT NULL CHECK (channel IN ('mail', 'letter', 'call', 'sms')),
    address text NOT NULL,
    reason text NOT NULL,
    marked_at timestamptz NOT NULL,
    CONSTRAINT unreachable_addresses_once UNIQUE (debtor_id, channel, address)
);
COMMENT ON TABLE unreachable_addresses IS 'Nothing is sent there; another address of the same debtor is not meant';
ALTER TABLE unreachable_addresses ENABLE ROW LEVEL SECURITY;
CREATE POLICY creditor_and_pursuer ON unreachable_addresses USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.debtor_id = unreachable_addresses.debtor_id AND cases.agency_id = (SELECT app_org())
               AND cases.phase = 'active'));
GRANT SELECT, INSERT, DELETE ON unreachable_addresses TO entente_runtime;
