DROP INDEX payouts_once;
ALTER TABLE payouts DROP CONSTRAINT payouts_status_check;
ALTER TABLE payouts
    DROP COLUMN refused_iban,
    DROP COLUMN returned_on,
    DROP COLUMN return_reason,
    ADD CONSTRAINT payouts_status_check CHECK (status IN ('due', 'paid', 'cancelled')),
    ADD CONSTRAINT payouts_once UNIQUE (payment_id, payer_id, payee_id);
REVOKE UPDATE (bank_status, bank_reason, told_at) ON payout_orders FROM entente_runtime;
ALTER TABLE payout_orders DROP COLUMN bank_status, DROP COLUMN bank_reason, DROP COLUMN told_at;
