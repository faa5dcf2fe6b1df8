ALTER POLICY market_and_owner ON listings USING (
    (SELECT app_audience()) IN ('system', 'operator')
    OR ((SELECT app_audience()) = 'agency' AND (status = 'open'
        OR EXISTS (SELECT FROM offers WHERE offers.listing_id = listings.id)
        OR EXISTS (SELECT FROM mandates WHERE mandates.listing_id = listings.id)))
    OR EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = listings.id));
DROP POLICY agencies_on_the_market ON organisations;
DROP FUNCTION in_circle_of, agency_is_barred;
ALTER TABLE listings DROP COLUMN certificate_required, DROP COLUMN audience;
DELETE FROM agency_credentials WHERE kind = 'certificate';
ALTER TABLE agency_credentials DROP CONSTRAINT agency_credentials_kind_check;
ALTER TABLE agency_credentials ADD CONSTRAINT agency_credentials_kind_check CHECK (kind IN ('licence', 'insurance'));
DROP TABLE market_settings, creditor_agencies, agency_profiles;
