ALTER TABLE payouts DROP COLUMN batch_id;
DROP TABLE payout_orders;
DROP TABLE payout_batches;
