DROP TABLE payout_set_offs;
DROP INDEX payouts_returns_due;
ALTER TABLE payouts DROP CONSTRAINT payouts_set_off_within_amount, DROP COLUMN set_off_minor;
