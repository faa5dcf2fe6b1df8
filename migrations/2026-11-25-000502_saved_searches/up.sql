-- What an agency looks for, kept to run again and to be told of new listings that match.
CREATE TABLE saved_searches (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES organisations,
    name text NOT NULL,
    countries text[] NOT NULL,
    criteria jsonb NOT NULL,
    alerts boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT saved_searches_name_unique UNIQUE (agency_id, name)
);
CREATE INDEX saved_searches_alerting ON saved_searches USING gin (countries) WHERE alerts;
COMMENT ON COLUMN saved_searches.countries IS 'The countries of `criteria`, every one where it names none: finds the few searches that a listing may concern';
ALTER TABLE saved_searches ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_searches ON saved_searches USING ((SELECT app_audience()) = 'system' OR agency_id = (SELECT app_org()));
GRANT SELECT, INSERT, DELETE ON saved_searches TO entente_runtime;
