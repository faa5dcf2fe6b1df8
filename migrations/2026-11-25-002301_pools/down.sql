ALTER TABLE listings DROP COLUMN pooled;
ALTER POLICY sealed ON offers USING (
    (SELECT app_audience()) = 'system' OR agency_id = (SELECT app_org())
    OR (status IN ('awarded', 'lost') AND (SELECT app_audience()) = 'operator')
    OR (status IN ('ranked', 'awarded', 'lost') AND (SELECT app_audience()) = 'creditor'
        AND EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = offers.listing_id)));
DROP FUNCTION listings_of_lot, in_lot_of, pool_of;
DROP TABLE pooled_cases, pools;
