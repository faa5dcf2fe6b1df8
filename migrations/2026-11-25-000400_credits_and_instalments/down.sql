DROP TABLE prior_reminders, prior_payments, instalment_terms, credit_notes;
DROP INDEX receivables_debtor;
ALTER TABLE receivables DROP CONSTRAINT receivables_not_overpaid;
UPDATE receivables SET principal_minor = principal_minor - credited_minor;
ALTER TABLE receivables
    DROP COLUMN upload_id,
    DROP COLUMN delivered_on,
    DROP COLUMN delivery_note,
    DROP COLUMN vat_minor,
    DROP COLUMN credited_minor;
ALTER TABLE receivables ADD CONSTRAINT receivables_not_overpaid CHECK (principal_paid_minor BETWEEN 0 AND principal_minor);
