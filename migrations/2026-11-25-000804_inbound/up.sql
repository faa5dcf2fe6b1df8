-- Mail that came back: what bounced and who answered, filed once on the case it belongs to.
CREATE TABLE inbound_messages (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    agency_id uuid,
    delivery_id uuid REFERENCES deliveries,
    message_id text NOT NULL CONSTRAINT inbound_messages_once UNIQUE,
    sender text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX inbound_messages_case ON inbound_messages (case_id, received_at);
COMMENT ON COLUMN inbound_messages.message_id IS 'The mail''s own, or a hash of its content: a webhook that is repeated files nothing twice';
COMMENT ON COLUMN inbound_messages.agency_id IS 'Who pursued the case then: the agency that may read it besides the creditor';

ALTER TABLE deliveries DROP CONSTRAINT deliveries_status_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_status_check
    CHECK (status IN ('queued', 'sending', 'sent', 'stopped', 'failed', 'bounced', 'answered'));

ALTER TABLE inbound_messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY creditor_and_pursuer ON inbound_messages USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()) OR agency_id = (SELECT app_org()));
GRANT SELECT, INSERT ON inbound_messages TO entente_runtime;
