-- A search reads `listings` in many branches, and each would plan and start the rule of who sees a listing with all its
-- subqueries. What is rarely asked, because the open ones are decided by their own columns, is therefore asked by a function.
CREATE FUNCTION deals_with_listing(asked_listing uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM offers WHERE listing_id = asked_listing)
        OR EXISTS (SELECT FROM mandates WHERE listing_id = asked_listing) $$;
CREATE FUNCTION owns_listing(asked_listing uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM listing_owners WHERE listing_id = asked_listing) $$;
REVOKE ALL ON FUNCTION deals_with_listing, owns_listing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION deals_with_listing, owns_listing TO entente_runtime;
ALTER POLICY market_and_owner ON listings USING (
    (SELECT app_audience()) IN ('system', 'operator')
    OR ((SELECT app_audience()) = 'agency'
        AND ((status = 'open' AND (audience = 'open' OR in_circle_of(id))) OR deals_with_listing(id)))
    OR owns_listing(id));
