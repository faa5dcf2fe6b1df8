ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_kind_check;
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_kind_check
    CHECK (kind IN ('cash', 'payable', 'earned', 'commission', 'vat')) NOT VALID;
DROP INDEX receivables_open_amount;
DROP INDEX receivables_number_key;
DROP INDEX payments_unproven;
ALTER TABLE payments DROP COLUMN bank_entry_id;
DROP TABLE payer_accounts;
DROP TABLE bank_entries;
DROP TABLE bank_statements;
