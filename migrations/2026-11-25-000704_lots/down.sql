ALTER TABLE listings DROP COLUMN lot_id;
