-- What a creditor sets aside for receivables that may not be paid: a share of each age of the ageing report.
CREATE TABLE provision_policies (
    creditor_id uuid PRIMARY KEY REFERENCES organisations,
    shares_bp integer[] NOT NULL CHECK (cardinality(shares_bp) = 6 AND 0 <= ALL (shares_bp) AND 10000 >= ALL (shares_bp)),
    version integer NOT NULL
);
COMMENT ON COLUMN provision_policies.shares_bp IS 'Not due, 1 to 30, 31 to 60, 61 to 90, 91 to 180 and over 180 days late';
ALTER TABLE provision_policies ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON provision_policies USING ((SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON provision_policies TO entente_runtime;
