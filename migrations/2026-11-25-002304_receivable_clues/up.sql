-- Row-level security lets only leakproof comparisons reach an index, and neither the function nor the subtraction that the
-- indexes of bank matching were built on is one: every statement read all receivables. Columns of their own compare plainly.
DROP INDEX receivables_number_key;
DROP INDEX receivables_open_amount;
ALTER TABLE receivables
    ADD COLUMN number_key text NOT NULL GENERATED ALWAYS AS (upper(regexp_replace(number, '[^A-Za-z0-9]', '', 'g'))) STORED,
    ADD COLUMN open_minor bigint NOT NULL GENERATED ALWAYS AS (principal_minor - credited_minor - principal_paid_minor) STORED;
CREATE INDEX receivables_number_key ON receivables (creditor_id, number_key);
CREATE INDEX receivables_open_amount ON receivables (creditor_id, open_minor) WHERE case_id IS NOT NULL;
COMMENT ON COLUMN receivables.number_key IS 'The number without its signs, as bank entries are compared with it';
COMMENT ON COLUMN receivables.open_minor IS 'Principal that is still owed, in minor units';
