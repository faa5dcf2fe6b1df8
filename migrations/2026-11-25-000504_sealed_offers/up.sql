-- What an agency asks and promises is encrypted until the deadline opens it: row-level security keeps it from every role of
-- the product, the cipher from whoever reads the tables, a backup or the disk. An offer that is never opened stays a cipher.
ALTER TABLE offers ADD COLUMN sealed_terms bytea, ADD COLUMN terms jsonb,
    ADD COLUMN owner_key text, ADD COLUMN client_account text;
COMMENT ON COLUMN offers.sealed_terms IS 'AES-256-GCM over the padded JSON of the terms, bound to the offer''s id';
COMMENT ON COLUMN offers.terms IS 'Written when the offer is opened';
COMMENT ON COLUMN offers.fee_bp IS 'What the fee comes to on the expected recovery, written when the offer is opened';
COMMENT ON COLUMN offers.owner_key IS 'The company that owns the agency, or the agency itself: sisters make one offer';
UPDATE offers SET terms = jsonb_build_object('fee', jsonb_build_object('model', 'success', 'rate_bp', fee_bp),
    'first_contact_hours', first_contact_hours, 'update_every_days', update_every_days, 'tone', tone, 'languages', '[]'::jsonb);
ALTER TABLE offers ALTER COLUMN fee_bp DROP NOT NULL, DROP COLUMN first_contact_hours, DROP COLUMN update_every_days, DROP COLUMN tone,
    ADD CONSTRAINT offers_has_terms CHECK (terms IS NOT NULL OR sealed_terms IS NOT NULL);
CREATE UNIQUE INDEX offers_one_per_owner ON offers (listing_id, owner_key) WHERE status <> 'withdrawn';
CREATE UNIQUE INDEX offers_one_per_account ON offers (listing_id, client_account) WHERE status <> 'withdrawn';

-- The agreement, from the offer to the last cent. NULL: a plain share, the one in fee_bp.
ALTER TABLE mandates ADD COLUMN fee jsonb, ADD COLUMN languages text[] NOT NULL DEFAULT '{}';
ALTER TABLE engagements ADD COLUMN fee jsonb, ADD COLUMN claim_minor bigint;
ALTER TABLE payments ADD COLUMN fee_terms jsonb;
COMMENT ON COLUMN engagements.claim_minor IS 'What was open of the principal when the engagement began: what a recovery is measured against';
COMMENT ON COLUMN payments.fee_terms IS 'The agreement and the day it began, frozen when declared; NULL: a plain share, the one in fee_bp';

-- Rules that a creditor sets beforehand and a listing keeps.
ALTER TABLE market_settings ADD COLUMN offers_max integer NOT NULL DEFAULT 30 CHECK (offers_max BETWEEN 1 AND 200),
    ADD COLUMN extend_below integer NOT NULL DEFAULT 0 CHECK (extend_below BETWEEN 0 AND 10),
    ADD COLUMN relationship_weight_bp integer NOT NULL DEFAULT 10000 CHECK (relationship_weight_bp BETWEEN 5000 AND 30000);
ALTER TABLE listings ADD COLUMN offers_max integer NOT NULL DEFAULT 30, ADD COLUMN extend_below integer NOT NULL DEFAULT 0,
    ADD COLUMN relationship_weight_bp integer NOT NULL DEFAULT 10000, ADD COLUMN extended_at timestamptz;
COMMENT ON COLUMN listings.extend_below IS 'With fewer offers than this at the deadline, it is put off once by half of its term';
COMMENT ON COLUMN listings.extended_at IS 'When that happened';

-- How an agency's past engagements ended, by the age of the case: what its expected recovery is calibrated with.
CREATE INDEX engagements_ended ON engagements (agency_id) WHERE ended_at IS NOT NULL;
