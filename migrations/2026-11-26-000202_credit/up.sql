-- How a customer is likely to pay, as it was reckoned each time that something happened, and how much it may owe.
CREATE TABLE debtor_scores (
    debtor_id uuid NOT NULL REFERENCES debtors,
    scored_at timestamptz NOT NULL,
    creditor_id uuid NOT NULL,
    formula text NOT NULL,
    paid_30_bp integer NOT NULL CHECK (paid_30_bp BETWEEN 0 AND 10000),
    paid_60_bp integer NOT NULL CHECK (paid_60_bp BETWEEN paid_30_bp AND 10000),
    paid_90_bp integer NOT NULL CHECK (paid_90_bp BETWEEN paid_60_bp AND 10000),
    days_late_hundredths bigint NOT NULL,
    contributions jsonb NOT NULL,
    PRIMARY KEY (debtor_id, scored_at)
);
COMMENT ON TABLE debtor_scores IS 'Append-only: a score that is the same as the one before is not written again';

CREATE TABLE credit_limits (
    debtor_id uuid PRIMARY KEY REFERENCES debtors,
    creditor_id uuid NOT NULL,
    currency text NOT NULL,
    limit_minor bigint CHECK (limit_minor >= 0),
    version integer NOT NULL,
    set_by uuid,
    set_at timestamptz NOT NULL
);
COMMENT ON COLUMN credit_limits.limit_minor IS 'Null: the creditor took its limit away';

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['debtor_scores', 'credit_limits'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own ON %I USING ((SELECT app_audience()) IN (''system'', ''operator'') OR creditor_id = (SELECT app_org()))', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT ON debtor_scores TO entente_runtime;
GRANT SELECT, INSERT, UPDATE ON credit_limits TO entente_runtime;

-- What a customer paid is found by its invoices.
CREATE INDEX allocations_receivable ON allocations (receivable_id);
