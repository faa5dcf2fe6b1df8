DROP INDEX receivables_number_key;
DROP INDEX receivables_open_amount;
ALTER TABLE receivables DROP COLUMN number_key, DROP COLUMN open_minor;
CREATE INDEX receivables_number_key ON receivables (creditor_id, (upper(regexp_replace(number, '[^A-Za-z0-9]', '', 'g'))));
CREATE INDEX receivables_open_amount ON receivables (creditor_id, (principal_minor - credited_minor - principal_paid_minor))
    WHERE case_id IS NOT NULL;
