REVOKE UPDATE (credited_on) ON fees FROM entente_runtime;
REVOKE UPDATE (reversed_on) ON allocations FROM entente_runtime;
ALTER TABLE payouts
    DROP CONSTRAINT payouts_once,
    DROP CONSTRAINT payouts_status_check,
    DROP COLUMN is_return,
    ADD CONSTRAINT payouts_status_check CHECK (status IN ('due', 'paid')),
    ADD CONSTRAINT payouts_once UNIQUE (payment_id, payee_id);
ALTER TABLE fees DROP COLUMN credited_on;
ALTER TABLE allocations DROP COLUMN reversed_on;
ALTER TABLE payments DROP CONSTRAINT payments_confirmed_have_a_receipt;
ALTER TABLE payments ADD CONSTRAINT payments_confirmed_have_a_receipt
    CHECK ((status = 'confirmed') = (receipt_number IS NOT NULL) AND (receipt_number IS NULL) = (left_minor IS NULL)) NOT VALID;
ALTER TABLE payments
    DROP CONSTRAINT payments_status_check,
    DROP COLUMN reversed_on,
    DROP COLUMN reversal_note,
    ADD CONSTRAINT payments_status_check CHECK (status IN ('declared', 'confirmed', 'contested', 'rejected'));
