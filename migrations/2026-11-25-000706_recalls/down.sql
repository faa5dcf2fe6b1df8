DROP INDEX engagements_case;
ALTER TABLE engagements DROP COLUMN recall_fee_until, DROP COLUMN recall_fee_bp, DROP COLUMN recall_ground;
