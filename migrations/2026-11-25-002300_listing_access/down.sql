ALTER POLICY market_and_owner ON listings USING (
    (SELECT app_audience()) IN ('system', 'operator')
    OR ((SELECT app_audience()) = 'agency' AND ((status = 'open' AND (audience = 'open' OR in_circle_of(id)))
        OR EXISTS (SELECT FROM offers WHERE offers.listing_id = listings.id)
        OR EXISTS (SELECT FROM mandates WHERE mandates.listing_id = listings.id)))
    OR EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = listings.id));
DROP FUNCTION deals_with_listing, owns_listing;
