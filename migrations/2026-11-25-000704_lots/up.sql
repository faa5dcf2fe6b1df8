-- Lots: several cases of one creditor, one offer, one award. The listings of a lot share its id, deadlines and rule; the open
-- one with the smallest id carries the offers.
ALTER TABLE listings ADD COLUMN lot_id uuid;
CREATE INDEX listings_lot ON listings (lot_id, id) WHERE lot_id IS NOT NULL;
