-- An organisation's own words to debtors. What stood before is kept: it was sent.
CREATE TABLE wordings (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES organisations,
    template text NOT NULL,
    language text NOT NULL,
    tone text NOT NULL,
    subject text,
    text text NOT NULL,
    written_by uuid,
    written_at timestamptz NOT NULL,
    replaced_at timestamptz
);
COMMENT ON COLUMN wordings.subject IS 'NULL: the one that ships';
COMMENT ON COLUMN wordings.written_by IS 'The member; NULL for a key of the organisation''s software';
CREATE UNIQUE INDEX wordings_in_force ON wordings (owner_id, template, language, tone) WHERE replaced_at IS NULL;
ALTER TABLE wordings ENABLE ROW LEVEL SECURITY;
-- Whose invoice it is reads what an agency will say in its name.
CREATE POLICY readable ON wordings FOR SELECT USING (
    (SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.agency_id = wordings.owner_id AND cases.creditor_id = (SELECT app_org())));
CREATE POLICY written ON wordings FOR INSERT WITH CHECK ((SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org()));
CREATE POLICY replaced ON wordings FOR UPDATE USING ((SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON wordings TO entente_runtime;

-- What an organisation prints on its letters.
CREATE TABLE letterheads (
    owner_id uuid PRIMARY KEY REFERENCES organisations,
    line text,
    logo bytea
);
COMMENT ON COLUMN letterheads.logo IS 'PNG or JPEG, read to its end before it was kept';
ALTER TABLE letterheads ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON letterheads FOR SELECT USING (
    (SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.agency_id = letterheads.owner_id AND cases.creditor_id = (SELECT app_org())));
CREATE POLICY written ON letterheads FOR INSERT WITH CHECK (owner_id = (SELECT app_org()));
CREATE POLICY changed ON letterheads FOR UPDATE USING (owner_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON letterheads TO entente_runtime;
