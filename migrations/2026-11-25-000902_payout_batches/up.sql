-- Payouts leave in batches: one person prepares, another one approves, the bank gets a pain.001 file.
CREATE TABLE payout_batches (
    id uuid PRIMARY KEY,
    payer_id uuid NOT NULL REFERENCES organisations,
    currency text NOT NULL,
    execution_on date NOT NULL,
    status text NOT NULL CHECK (status IN ('prepared', 'approved', 'cancelled')),
    left_out jsonb NOT NULL,
    prepared_by uuid NOT NULL REFERENCES members,
    prepared_at timestamptz NOT NULL,
    approved_by uuid REFERENCES members,
    approved_at timestamptz,
    cancelled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT payout_batches_four_eyes CHECK (approved_by <> prepared_by),
    CHECK ((status = 'approved') <= (approved_by IS NOT NULL))
);
CREATE INDEX payout_batches_payer ON payout_batches (payer_id, id DESC);

-- What the file says of each payout: as it was when the batch was prepared.
CREATE TABLE payout_orders (
    batch_id uuid NOT NULL REFERENCES payout_batches,
    payout_id uuid NOT NULL REFERENCES payouts,
    payee_name text NOT NULL,
    payee_iban text NOT NULL,
    remittance text NOT NULL,
    PRIMARY KEY (batch_id, payout_id)
);
CREATE INDEX payout_orders_payout ON payout_orders (payout_id);

ALTER TABLE payouts ADD COLUMN batch_id uuid REFERENCES payout_batches;
CREATE INDEX payouts_batch ON payouts (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX payouts_due ON payouts (payer_id, currency) WHERE status = 'due' AND batch_id IS NULL;
COMMENT ON COLUMN payouts.batch_id IS 'The batch that it is to leave in; null again when that is cancelled';

ALTER TABLE payout_batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE payout_orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON payout_batches USING ((SELECT app_audience()) IN ('system', 'operator') OR payer_id = (SELECT app_org()));
CREATE POLICY own ON payout_orders USING (EXISTS (SELECT FROM payout_batches WHERE payout_batches.id = payout_orders.batch_id));
GRANT SELECT, INSERT, UPDATE ON payout_batches TO entente_runtime;
GRANT SELECT, INSERT ON payout_orders TO entente_runtime;
