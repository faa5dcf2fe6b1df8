-- Letters are printed in bundles and posted by people: who is asked to, what was posted when, what came back.
CREATE TABLE letter_settings (
    owner_id uuid PRIMARY KEY REFERENCES organisations,
    sent_when text NOT NULL CHECK (sent_when IN ('made', 'posted')),
    version integer NOT NULL
);
COMMENT ON COLUMN letter_settings.sent_when IS 'posted: the strategy waits until somebody says that the letter is in the post';

CREATE TABLE letter_bundles (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES organisations,
    double_sided boolean NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE INDEX letter_bundles_owner ON letter_bundles (owner_id, id DESC);
COMMENT ON COLUMN letter_bundles.double_sided IS 'Each letter begins on a sheet of its own';

ALTER TABLE deliveries ADD COLUMN recipient jsonb, ADD COLUMN bundle_id uuid REFERENCES letter_bundles, ADD COLUMN posted_on date;
COMMENT ON COLUMN deliveries.recipient IS 'Of a letter: name, street, postal code, city and country, as printed on it';
CREATE INDEX deliveries_bundle ON deliveries (bundle_id) WHERE bundle_id IS NOT NULL;
CREATE INDEX deliveries_to_post ON deliveries (creditor_id, id) WHERE channel = 'letter' AND posted_on IS NULL;

ALTER TABLE letter_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter_bundles ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON letter_settings USING ((SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org()));
CREATE POLICY own ON letter_bundles USING ((SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON letter_settings TO entente_runtime;
GRANT SELECT, INSERT ON letter_bundles TO entente_runtime;
