-- Who may be given which case, as data: what an agency takes on, whom a creditor wants, and who is barred.

-- What an agency says of itself. No row, or an empty list: it takes anything.
CREATE TABLE agency_profiles (
    agency_id uuid PRIMARY KEY REFERENCES organisations,
    debtor_kinds text[] NOT NULL,
    sectors text[] NOT NULL,
    languages text[] NOT NULL,
    amount_bands text[] NOT NULL,
    capacity integer CHECK (capacity BETWEEN 0 AND 100000),
    parent_number text,
    parent_key text,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX agency_profiles_parent ON agency_profiles (parent_key) WHERE parent_key IS NOT NULL;
COMMENT ON COLUMN agency_profiles.capacity IS 'How many cases it holds at most, awarded ones included; NULL: no limit';
COMMENT ON COLUMN agency_profiles.parent_key IS 'Country and bare number of the company that owns it, as organisations.enterprise_key';

-- Agencies a creditor wants in its circle, or nowhere near its cases.
CREATE TABLE creditor_agencies (
    creditor_id uuid NOT NULL REFERENCES organisations,
    agency_id uuid NOT NULL REFERENCES organisations,
    standing text NOT NULL CHECK (standing IN ('invited', 'blocked')),
    set_at timestamptz NOT NULL,
    PRIMARY KEY (creditor_id, agency_id)
);

-- What a creditor asks of the market. No row: the defaults of market::settings.
CREATE TABLE market_settings (
    creditor_id uuid PRIMARY KEY REFERENCES organisations,
    certificate_required boolean NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL
);

-- A third kind of paper: certificates (quality, data protection), which a creditor may ask for.
ALTER TABLE agency_credentials DROP CONSTRAINT agency_credentials_kind_check;
ALTER TABLE agency_credentials ADD CONSTRAINT agency_credentials_kind_check CHECK (kind IN ('licence', 'insurance', 'certificate'));

ALTER TABLE listings ADD COLUMN audience text NOT NULL DEFAULT 'open' CHECK (audience IN ('open', 'circle')),
    ADD COLUMN certificate_required boolean NOT NULL DEFAULT false;

-- Whether an agency is kept from a listing by its creditor's choice or by a conflict of interest. One answer for all of
-- these, so that a refusal does not tell whose case it is. An agency may ask about itself alone.
CREATE FUNCTION agency_is_barred(asked_listing uuid, asked_agency uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM listing_owners owner
            JOIN listings ON listings.id = owner.listing_id
            JOIN cases ON cases.id = owner.case_id
            JOIN debtors ON debtors.id = cases.debtor_id
            JOIN organisations creditor ON creditor.id = owner.creditor_id
            JOIN organisations agency ON agency.id = asked_agency
            LEFT JOIN agency_profiles profile ON profile.agency_id = agency.id
            LEFT JOIN creditor_agencies said ON said.creditor_id = owner.creditor_id AND said.agency_id = agency.id
        WHERE owner.listing_id = asked_listing AND (app_audience() = 'system' OR asked_agency = app_org()) AND (
            said.standing = 'blocked'
            OR (listings.audience = 'circle' AND said.standing IS DISTINCT FROM 'invited')
            -- The debtor's own, or in its group.
            OR debtors.identity_key IN (agency.enterprise_key, profile.parent_key)
            -- The creditor's own, in its group, or paid into the same account.
            OR creditor.enterprise_key IN (agency.enterprise_key, profile.parent_key) OR creditor.iban = agency.iban
            -- Another organisation of the debtor's enterprise shares the agency's account, or is owned by the same company.
            OR EXISTS (SELECT FROM organisations kin LEFT JOIN agency_profiles kin_profile ON kin_profile.agency_id = kin.id
                       WHERE kin.enterprise_key = debtors.identity_key AND kin.id <> agency.id
                           AND (kin.iban = agency.iban OR kin_profile.parent_key IN (agency.enterprise_key, profile.parent_key))))) $$;
-- Whether the agency asking belongs to the circle a listing is for.
CREATE FUNCTION in_circle_of(asked_listing uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM listing_owners owner JOIN creditor_agencies said ON said.creditor_id = owner.creditor_id
                   WHERE owner.listing_id = asked_listing AND said.agency_id = app_org() AND said.standing = 'invited') $$;
REVOKE ALL ON FUNCTION agency_is_barred, in_circle_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agency_is_barred, in_circle_of TO entente_runtime;

ALTER TABLE agency_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE creditor_agencies ENABLE ROW LEVEL SECURITY;
ALTER TABLE market_settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_profile ON agency_profiles USING ((SELECT app_audience()) IN ('system', 'operator') OR agency_id = (SELECT app_org()));
-- The agency is not told which lists it stands on.
CREATE POLICY own_list ON creditor_agencies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()));
CREATE POLICY own_settings ON market_settings USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()));
-- A creditor chooses its circle among the agencies that have a vetted licence.
CREATE POLICY agencies_on_the_market ON organisations FOR SELECT USING (
    (SELECT app_audience()) = 'creditor' AND kind = 'agency'
    AND EXISTS (SELECT FROM agency_credentials WHERE agency_credentials.agency_id = organisations.id AND kind = 'licence'));
ALTER POLICY market_and_owner ON listings USING (
    (SELECT app_audience()) IN ('system', 'operator')
    OR ((SELECT app_audience()) = 'agency' AND ((status = 'open' AND (audience = 'open' OR in_circle_of(id)))
        OR EXISTS (SELECT FROM offers WHERE offers.listing_id = listings.id)
        OR EXISTS (SELECT FROM mandates WHERE mandates.listing_id = listings.id)))
    OR EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = listings.id));
GRANT SELECT, INSERT, UPDATE ON agency_profiles, market_settings TO entente_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON creditor_agencies TO entente_runtime;
