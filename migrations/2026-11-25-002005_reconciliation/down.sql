DROP TABLE reconciliation_differences;
DROP TABLE reconciliation_runs;
ALTER TABLE payouts DROP COLUMN told_stage;
