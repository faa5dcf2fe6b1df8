DROP TABLE stripe_catch_up;
DROP TABLE stripe_movements;
ALTER TABLE payouts DROP COLUMN sent_at;
DROP TABLE stripe_transfers;
DROP TABLE stripe_accounts;
DROP TABLE stripe_events;
ALTER TABLE payments DROP COLUMN checkout_id;
DROP TABLE stripe_checkouts;
ALTER TABLE payments DROP CONSTRAINT payments_declared_by_check;
ALTER TABLE payments ADD CONSTRAINT payments_declared_by_check CHECK (declared_by IN ('creditor', 'agency')) NOT VALID;
ALTER TABLE payments DROP CONSTRAINT payments_route_check;
ALTER TABLE payments ADD CONSTRAINT payments_route_check CHECK (route IN ('agency_account', 'direct')) NOT VALID;
ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_kind_check;
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_kind_check
    CHECK (kind IN ('cash', 'payable', 'earned', 'commission', 'vat', 'suspense')) NOT VALID;
