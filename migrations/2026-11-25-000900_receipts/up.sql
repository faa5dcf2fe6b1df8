-- Each confirmed payment gives the debtor a receipt: numbered within its case, saying what was left after it, and when it was mailed.
ALTER TABLE payments
    ADD COLUMN receipt_number integer,
    ADD COLUMN left_minor bigint,
    ADD COLUMN receipt_mailed_at timestamptz,
    ADD CONSTRAINT payments_receipt_once UNIQUE (case_id, receipt_number);
COMMENT ON COLUMN payments.left_minor IS 'Still owed on the case after this payment, as its timeline tells; null until it is confirmed';

UPDATE payments SET receipt_number = told.number, left_minor = told.left_minor
FROM (SELECT data ->> 'payment_id' AS payment_id, (data ->> 'left_minor')::bigint AS left_minor,
        row_number() OVER (PARTITION BY case_id ORDER BY seq)::integer AS number
      FROM events WHERE kind = 'payment_confirmed') AS told
WHERE told.payment_id = 'pay_' || replace(payments.id::text, '-', '');

ALTER TABLE payments ADD CONSTRAINT payments_confirmed_have_a_receipt
    CHECK ((status = 'confirmed') = (receipt_number IS NOT NULL) AND (receipt_number IS NULL) = (left_minor IS NULL)) NOT VALID;
