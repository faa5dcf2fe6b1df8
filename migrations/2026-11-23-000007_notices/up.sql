-- What an organisation should know about: shown in its portal, mailed in its language.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    kind text NOT NULL,
    case_id uuid,
    data jsonb NOT NULL,
    dedupe_key text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    CONSTRAINT notifications_once UNIQUE (organisation_id, dedupe_key)
);
CREATE INDEX notifications_organisation ON notifications (organisation_id, id DESC);
COMMENT ON COLUMN notifications.dedupe_key IS 'The event or offer it tells of: a repeated job tells nobody twice';
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notifications USING (app_audience() = 'system' OR organisation_id = app_org());
GRANT SELECT, INSERT, UPDATE ON notifications TO entente_runtime;
