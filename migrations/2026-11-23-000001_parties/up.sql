-- Organisations, the people in them, and how they prove who they are.
CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('creditor', 'agency', 'partner', 'operator')),
    legal_name text NOT NULL,
    country text NOT NULL,
    company_number text,
    enterprise_key text,
    iban text,
    language text NOT NULL,
    email text NOT NULL,
    phone text,
    street text NOT NULL,
    postal_code text NOT NULL,
    city text NOT NULL,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT organisations_enterprise_unique UNIQUE (kind, enterprise_key)
);
-- The platform itself is one party of every fee and fee invoice.
CREATE UNIQUE INDEX organisations_one_operator ON organisations (kind) WHERE kind = 'operator';
COMMENT ON COLUMN organisations.enterprise_key IS 'Country and bare number: a SIRET and its SIREN, a VAT number and its NIF are one enterprise';
COMMENT ON COLUMN organisations.iban IS 'Creditor: where payouts go. Agency: its client account, kept for other people''s money';

CREATE TABLE members (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    email text NOT NULL,
    full_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'credit_manager', 'sales', 'accountant', 'supervisor', 'agent')),
    password_hash text NOT NULL,
    language text NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX members_email_unique ON members (lower(email));
CREATE INDEX members_organisation ON members (organisation_id);

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    family_id uuid NOT NULL,
    member_id uuid NOT NULL REFERENCES members,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
COMMENT ON TABLE refresh_tokens IS 'Each token serves once; a second use revokes its whole family, because one of the two users stole it';

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    name text NOT NULL,
    secret_hash bytea NOT NULL CONSTRAINT api_keys_secret_unique UNIQUE,
    hint text NOT NULL,
    scopes text[] NOT NULL,
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON COLUMN api_keys.hint IS 'The last four characters, so that a person can tell keys apart';

-- A licence or an insurance: what an agency must hold, vetted by the operator, before it may bid.
CREATE TABLE agency_credentials (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES organisations,
    kind text NOT NULL CHECK (kind IN ('licence', 'insurance')),
    country text NOT NULL,
    issuer text NOT NULL,
    reference text NOT NULL,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    status text NOT NULL CHECK (status IN ('submitted', 'vetted', 'rejected')),
    decision_note text,
    decided_by uuid REFERENCES members,
    decided_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK (valid_until >= valid_from)
);
CREATE INDEX agency_credentials_agency ON agency_credentials (agency_id);

ALTER TABLE organisations ENABLE ROW LEVEL SECURITY;
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE agency_credentials ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_members ON members USING (app_audience() IN ('system', 'operator') OR organisation_id = app_org());
CREATE POLICY log_in_only ON refresh_tokens USING (app_audience() = 'system');
CREATE POLICY own_api_keys ON api_keys USING (app_audience() = 'system' OR organisation_id = app_org());
CREATE POLICY own_credentials ON agency_credentials USING (app_audience() IN ('system', 'operator') OR agency_id = app_org());
-- An award asks again whether the agency still qualifies, in the creditor's name.
CREATE POLICY vetted_credentials ON agency_credentials FOR SELECT USING (app_audience() IN ('creditor', 'debtor') AND status = 'vetted');
-- organisations: its policy also looks at shared cases, so it stands in the migration that makes them.
GRANT SELECT, INSERT, UPDATE ON organisations, members, refresh_tokens, api_keys, agency_credentials TO entente_runtime;
