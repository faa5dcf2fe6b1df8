-- A payment can be taken back: a direct debit returns, a transfer was booked in error. What it paid is owed again, fees are
-- credited, payouts that wait are cancelled, and those that went come back.
ALTER TABLE payments DROP CONSTRAINT payments_status_check;
ALTER TABLE payments
    ADD CONSTRAINT payments_status_check CHECK (status IN ('declared', 'confirmed', 'contested', 'rejected', 'reversed')),
    ADD COLUMN reversed_on date,
    ADD COLUMN reversal_note text;
-- A receipt that was given stays: its number is never given again.
ALTER TABLE payments DROP CONSTRAINT payments_confirmed_have_a_receipt;
ALTER TABLE payments ADD CONSTRAINT payments_confirmed_have_a_receipt CHECK (
    (status IN ('confirmed', 'reversed')) = (receipt_number IS NOT NULL) AND (receipt_number IS NULL) = (left_minor IS NULL)) NOT VALID;

ALTER TABLE allocations ADD COLUMN reversed_on date;
ALTER TABLE fees ADD COLUMN credited_on date;
COMMENT ON COLUMN allocations.reversed_on IS 'Since then it counts as never made: a payment that was taken back was none';
COMMENT ON COLUMN fees.credited_on IS 'Nothing was recovered after all, so nothing is charged';

ALTER TABLE payouts DROP CONSTRAINT payouts_status_check;
ALTER TABLE payouts DROP CONSTRAINT payouts_once;
ALTER TABLE payouts
    ADD CONSTRAINT payouts_status_check CHECK (status IN ('due', 'paid', 'cancelled')),
    ADD COLUMN is_return boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT payouts_once UNIQUE (payment_id, payer_id, payee_id);
COMMENT ON COLUMN payouts.is_return IS 'Its payee got it out of a payment that was taken back, and gives it back to the holder';
GRANT UPDATE (reversed_on) ON allocations TO entente_runtime;
GRANT UPDATE (credited_on) ON fees TO entente_runtime;
