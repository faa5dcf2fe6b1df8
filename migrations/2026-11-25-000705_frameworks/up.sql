-- Framework mandates: signed once between a creditor that posts often and an agency. A case awarded between the two while it
-- is in force needs no fresh signatures: its mandate is a schedule to the framework and takes effect at once.
CREATE TABLE framework_mandates (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    agency_id uuid NOT NULL REFERENCES organisations,
    language text NOT NULL,
    document_id uuid NOT NULL REFERENCES documents,
    document_sha256 bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('to_sign', 'in_force', 'declined', 'lapsed')),
    sign_by timestamptz NOT NULL,
    ends_at timestamptz,
    ended_by text CHECK (ended_by IN ('creditor', 'agency')),
    created_at timestamptz NOT NULL,
    CONSTRAINT framework_mandates_notice CHECK ((ends_at IS NULL) = (ended_by IS NULL))
);
-- One at a time between two; after notice was given the next may be drawn up.
CREATE UNIQUE INDEX framework_mandates_one ON framework_mandates (creditor_id, agency_id) WHERE status IN ('to_sign', 'in_force') AND ends_at IS NULL;
CREATE INDEX framework_mandates_agency ON framework_mandates (agency_id, id DESC);
COMMENT ON COLUMN framework_mandates.ends_at IS 'Set when one side gives notice: from then on it covers no new case';

CREATE TABLE framework_signatures (
    framework_id uuid NOT NULL REFERENCES framework_mandates,
    party text NOT NULL CHECK (party IN ('creditor', 'agency')),
    member_id uuid NOT NULL REFERENCES members,
    full_name text NOT NULL,
    document_sha256 bytea NOT NULL,
    address text NOT NULL,
    user_agent text NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT framework_signatures_pkey PRIMARY KEY (framework_id, party)
);

ALTER TABLE mandates ADD COLUMN framework_id uuid REFERENCES framework_mandates;
COMMENT ON COLUMN mandates.framework_id IS 'Whose schedule it is: then it was never signed by itself';

ALTER TABLE framework_mandates ENABLE ROW LEVEL SECURITY;
ALTER TABLE framework_signatures ENABLE ROW LEVEL SECURITY;
CREATE POLICY parties ON framework_mandates USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()) OR agency_id = (SELECT app_org()));
CREATE POLICY parties ON framework_signatures USING (
    EXISTS (SELECT FROM framework_mandates WHERE framework_mandates.id = framework_signatures.framework_id));
GRANT SELECT, INSERT, UPDATE ON framework_mandates TO entente_runtime;
GRANT SELECT, INSERT ON framework_signatures TO entente_runtime;
