-- Once a day the books are held against payments, payouts and bank statements; what differs is listed until it is gone.
CREATE TABLE reconciliation_runs (
    day date PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE TABLE reconciliation_differences (
    day date NOT NULL REFERENCES reconciliation_runs,
    kind text NOT NULL CHECK (kind IN ('books', 'cash', 'suspense', 'unproven_payment', 'unproven_payout', 'unexplained_entry', 'overdue_payout')),
    org_id uuid NOT NULL REFERENCES organisations,
    subject text NOT NULL,
    currency text NOT NULL,
    expected_minor bigint NOT NULL,
    found_minor bigint NOT NULL,
    since date NOT NULL,
    PRIMARY KEY (day, kind, org_id, subject, currency)
);
COMMENT ON COLUMN reconciliation_differences.since IS 'From when its age counts: the day of the payment, entry or payout; of books, the first run that found them differ';

ALTER TABLE payouts ADD COLUMN told_stage integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN payouts.told_stage IS '1: reminded that it is due, 2: that it is overdue, 3: laid before the operator';

ALTER TABLE reconciliation_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE reconciliation_differences ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON reconciliation_runs USING ((SELECT app_audience()) IN ('system', 'operator'));
CREATE POLICY operator ON reconciliation_differences USING ((SELECT app_audience()) IN ('system', 'operator'));
GRANT SELECT, INSERT, UPDATE ON reconciliation_runs TO entente_runtime;
GRANT SELECT, INSERT, DELETE ON reconciliation_differences TO entente_runtime;
