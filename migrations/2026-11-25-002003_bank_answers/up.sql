-- What a bank says of an ordered payout (pain.002), and payouts that it sends back after they went (camt.054): the one that
-- went stays as it was, and another one takes its place.
ALTER TABLE payout_orders
    ADD COLUMN bank_status text CHECK (bank_status IN ('pending', 'accepted', 'settled', 'rejected')),
    ADD COLUMN bank_reason text,
    ADD COLUMN told_at timestamptz;
GRANT UPDATE (bank_status, bank_reason, told_at) ON payout_orders TO entente_runtime;

ALTER TABLE payouts DROP CONSTRAINT payouts_status_check;
ALTER TABLE payouts DROP CONSTRAINT payouts_once;
ALTER TABLE payouts
    ADD CONSTRAINT payouts_status_check CHECK (status IN ('due', 'paid', 'cancelled', 'returned')),
    ADD COLUMN refused_iban text,
    ADD COLUMN returned_on date,
    ADD COLUMN return_reason text;
CREATE UNIQUE INDEX payouts_once ON payouts (payment_id, payer_id, payee_id) WHERE status <> 'returned';
COMMENT ON COLUMN payouts.refused_iban IS 'A bank refused this account: it waits until the payee has named another one';
