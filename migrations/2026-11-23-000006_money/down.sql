DROP TABLE payouts, fees, allocations, payments, ledger_entries, ledger_transactions, ledger_accounts CASCADE;
DROP FUNCTION ledger_transaction_balances;
