-- A card must not describe so few debtors that it names one. Who shares a combination of traits is counted here, by a
-- digest of the debtor and across creditors. Nobody reads this table: the runtime role has no right to it, and the one
-- function that does answers with counts that stop at "enough".
CREATE TABLE card_crowds (
    traits text NOT NULL,
    debtor bytea NOT NULL,
    PRIMARY KEY (traits, debtor)
);
ALTER TABLE card_crowds ENABLE ROW LEVEL SECURITY;
COMMENT ON COLUMN card_crowds.debtor IS 'SHA-256 of the identity key: the same customer of two creditors is one debtor';

-- Adds a debtor to the crowd of each combination and says how many each has, counting no further than `enough`.
CREATE FUNCTION join_crowds(asked_debtor uuid, asked_traits text[], enough integer) RETURNS integer[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE digest bytea;
BEGIN
    SELECT sha256(convert_to(identity_key, 'UTF8')) INTO digest FROM debtors
        WHERE id = asked_debtor AND (app_audience() = 'system' OR creditor_id = app_org());
    IF digest IS NULL THEN RETURN array_fill(0, ARRAY[cardinality(asked_traits)]); END IF;
    INSERT INTO card_crowds SELECT unnest(asked_traits), digest ON CONFLICT DO NOTHING;
    RETURN ARRAY(SELECT (SELECT count(*)::integer FROM (SELECT FROM card_crowds WHERE card_crowds.traits = one.traits LIMIT enough) counted)
                 FROM unnest(asked_traits) WITH ORDINALITY AS one (traits, place) ORDER BY place);
END $$;

-- How the last cases of a debtor ended, whoever its creditors were: two counts and nothing else.
CREATE FUNCTION debtor_record(asked_debtor uuid) RETURNS TABLE (closed integer, paid integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*)::integer, (count(*) FILTER (WHERE outcome IN ('paid', 'settled')))::integer FROM (
        SELECT cases.outcome FROM debtors asked JOIN debtors same ON same.identity_key = asked.identity_key
            JOIN cases ON cases.debtor_id = same.id
        WHERE asked.id = asked_debtor AND (app_audience() = 'system' OR asked.creditor_id = app_org())
            AND cases.phase = 'closed' AND cases.outcome NOT IN ('invalid', 'withdrawn', 'no_offers')
        ORDER BY cases.closed_at DESC LIMIT 50) latest $$;

REVOKE ALL ON FUNCTION join_crowds, debtor_record FROM PUBLIC;
GRANT EXECUTE ON FUNCTION join_crowds, debtor_record TO entente_runtime;

ALTER TABLE listings ADD COLUMN debtor_record text, ADD COLUMN coarsened text[] NOT NULL DEFAULT '{}',
    ADD COLUMN sector_key text GENERATED ALWAYS AS (coalesce(sector, '')) STORED;
COMMENT ON COLUMN listings.debtor_record IS 'How the debtor''s last cases on the platform ended, in bands; NULL: withheld';
COMMENT ON COLUMN listings.sector_key IS 'For the index alone: under row-level security an expression is not looked up in one';
COMMENT ON COLUMN listings.coarsened IS 'Traits that were left out because too few debtors share them';

-- Search: one short ordered scan per cell of country, sector and amount, however many listings are open.
CREATE INDEX listings_open_country ON listings (country, id DESC) WHERE status = 'open';
CREATE INDEX listings_open_cell ON listings (country, sector_key, amount_band, id DESC) WHERE status = 'open';
