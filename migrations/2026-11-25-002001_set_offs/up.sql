-- What a payee has to give back is taken off what it gets next from the same holder: only the rest leaves the bank account.
ALTER TABLE payouts
    ADD COLUMN set_off_minor bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payouts_set_off_within_amount CHECK (set_off_minor BETWEEN 0 AND amount_minor);
COMMENT ON COLUMN payouts.set_off_minor IS 'This much of it was set off against payouts of the other direction and moves no money';
CREATE INDEX payouts_returns_due ON payouts (payee_id, payer_id) WHERE is_return AND status = 'due';

CREATE TABLE payout_set_offs (
    payout_id uuid NOT NULL REFERENCES payouts,
    return_id uuid NOT NULL REFERENCES payouts,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    at timestamptz NOT NULL,
    PRIMARY KEY (payout_id, return_id)
);
COMMENT ON TABLE payout_set_offs IS 'Each uses up a payout or the return: a pair meets once';
ALTER TABLE payout_set_offs ENABLE ROW LEVEL SECURITY;
CREATE POLICY parties ON payout_set_offs USING (EXISTS (SELECT FROM payouts WHERE payouts.id = payout_set_offs.payout_id));
GRANT SELECT, INSERT ON payout_set_offs TO entente_runtime;
