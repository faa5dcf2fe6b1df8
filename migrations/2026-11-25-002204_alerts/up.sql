-- What an organisation wants to be told of, by rules of its own, to a role; and what it was told.
CREATE TABLE alert_rules (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES organisations,
    name text NOT NULL,
    condition text NOT NULL,
    role text NOT NULL,
    by_mail boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT alert_rules_name_unique UNIQUE (owner_id, name)
);
COMMENT ON COLUMN alert_rules.condition IS 'CEL over what happened and its case; tried out when it was set';

CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES organisations,
    rule_id uuid REFERENCES alert_rules ON DELETE SET NULL,
    rule_name text NOT NULL,
    role text NOT NULL,
    by_mail boolean NOT NULL,
    case_id uuid NOT NULL REFERENCES cases,
    case_reference text NOT NULL,
    event text NOT NULL,
    days integer NOT NULL,
    dedupe_key text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    mailed_at timestamptz,
    CONSTRAINT alerts_once UNIQUE (owner_id, rule_name, dedupe_key)
);
CREATE INDEX alerts_owner ON alerts (owner_id, id DESC);
CREATE INDEX alerts_to_mail ON alerts (owner_id) WHERE by_mail AND mailed_at IS NULL;
COMMENT ON COLUMN alerts.role IS 'Who it is for; administrators see all';

CREATE TABLE alert_days (
    owner_id uuid PRIMARY KEY REFERENCES organisations,
    next_on date NOT NULL
);
COMMENT ON TABLE alert_days IS 'When an organisation''s open matters are next looked through, and its mail goes out';

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['alert_rules', 'alerts', 'alert_days'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own ON %I USING ((SELECT app_audience()) = ''system'' OR owner_id = (SELECT app_org()))', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON alert_rules, alert_days TO entente_runtime;
GRANT SELECT, INSERT, UPDATE ON alerts TO entente_runtime;
