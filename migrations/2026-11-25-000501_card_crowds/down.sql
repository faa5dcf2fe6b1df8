DROP INDEX listings_open_cell, listings_open_country;
ALTER TABLE listings DROP COLUMN sector_key, DROP COLUMN coarsened, DROP COLUMN debtor_record;
DROP FUNCTION debtor_record, join_crowds;
DROP TABLE card_crowds;
