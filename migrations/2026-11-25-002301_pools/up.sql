-- Pools: small claims of several creditors on one debtor that go on the market together, each by its creditor's consent. A pool is
-- the lot that it will be. Who else is in it nobody reads before it opens, so creditors see their own cases in it alone.
CREATE TABLE pools (
    lot_id uuid PRIMARY KEY,
    debtor bytea NOT NULL,
    currency text NOT NULL,
    opens_at timestamptz NOT NULL,
    UNIQUE (debtor, currency, opens_at)
);
COMMENT ON COLUMN pools.debtor IS 'SHA-256 of the identity key: the same customer of two creditors is one debtor';
CREATE TABLE pooled_cases (
    case_id uuid PRIMARY KEY REFERENCES cases (id),
    creditor_id uuid NOT NULL REFERENCES organisations (id),
    lot_id uuid NOT NULL REFERENCES pools (lot_id),
    opens_at timestamptz NOT NULL,
    consented_at timestamptz NOT NULL
);
CREATE INDEX pooled_cases_lot ON pooled_cases (lot_id, case_id);
ALTER TABLE pools ENABLE ROW LEVEL SECURITY;
ALTER TABLE pooled_cases ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform ON pools USING ((SELECT app_audience()) = 'system');
CREATE POLICY own ON pooled_cases USING ((SELECT app_audience()) = 'system' OR creditor_id = (SELECT app_org()));
GRANT SELECT, DELETE ON pools TO entente_runtime;
GRANT SELECT, INSERT, DELETE ON pooled_cases TO entente_runtime;

-- The pool of a debtor that opens on a day; `fresh` is its lot if it is the first of it.
CREATE FUNCTION pool_of(asked_debtor uuid, asked_currency text, opens timestamptz, fresh uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE digest bytea; found uuid;
BEGIN
    SELECT sha256(convert_to(identity_key, 'UTF8')) INTO digest FROM debtors
        WHERE id = asked_debtor AND (app_audience() = 'system' OR creditor_id = app_org());
    INSERT INTO pools VALUES (fresh, digest, asked_currency, opens) ON CONFLICT DO NOTHING;
    SELECT lot_id INTO STRICT found FROM pools WHERE debtor = digest AND currency = asked_currency AND opens_at = opens;
    RETURN found;
END $$;

-- A lot of several creditors has one set of offers, which all of them read once they are opened.
CREATE FUNCTION in_lot_of(asked_listing uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM listings asked JOIN listings mine ON mine.lot_id = asked.lot_id
                   JOIN listing_owners owner ON owner.listing_id = mine.id
                   WHERE asked.id = asked_listing AND owner.creditor_id = app_org()) $$;
CREATE FUNCTION listings_of_lot(asked_lot uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM listings WHERE lot_id = asked_lot AND (app_audience() = 'system' OR in_lot_of(id)) $$;
REVOKE ALL ON FUNCTION pool_of, in_lot_of, listings_of_lot FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pool_of, in_lot_of, listings_of_lot TO entente_runtime;
ALTER POLICY sealed ON offers USING (
    (SELECT app_audience()) = 'system' OR agency_id = (SELECT app_org())
    OR (status IN ('awarded', 'lost') AND (SELECT app_audience()) = 'operator')
    OR (status IN ('ranked', 'awarded', 'lost') AND (SELECT app_audience()) = 'creditor'
        AND (EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = offers.listing_id) OR in_lot_of(listing_id))));

ALTER TABLE listings ADD COLUMN pooled boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN listings.pooled IS 'Its lot is one debtor of several creditors';
