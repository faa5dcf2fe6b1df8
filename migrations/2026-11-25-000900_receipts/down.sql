ALTER TABLE payments
    DROP CONSTRAINT payments_confirmed_have_a_receipt,
    DROP COLUMN receipt_number,
    DROP COLUMN left_minor,
    DROP COLUMN receipt_mailed_at;
