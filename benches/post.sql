\set a random(0, 39)
\set b random(0, 39)
\set c random(0, 39)
\set d random(0, 39)
\set e random(0, 39)
BEGIN;
SET LOCAL app.audience = system;
WITH entry AS (SELECT * FROM unnest(ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], ARRAY['00000000-0000-7000-9400-' || lpad(to_hex(:a::bigint), 12, '0'), '00000000-0000-7000-9400-' || lpad(to_hex(:b::bigint), 12, '0'), '00000000-0000-7000-9400-' || lpad(to_hex(:c::bigint), 12, '0'), '00000000-0000-7000-9400-' || lpad(to_hex(:d::bigint), 12, '0'), '00000000-0000-7000-9400-' || lpad(to_hex(:e::bigint), 12, '0')]::uuid[], ARRAY['cash', 'payable', 'earned', 'commission', 'vat'], ARRAY['EUR', 'EUR', 'EUR', 'EUR', 'EUR'], ARRAY[10000, -6000, -2000, -1500, -500]::bigint[]) AS entry (fresh_id, owner_id, kind, currency, amount_minor)), posted AS (INSERT INTO ledger_transactions (id, business_key, kind, at) VALUES (gen_random_uuid(), 'bench:' || gen_random_uuid(), 'bench', now()) ON CONFLICT ON CONSTRAINT ledger_transactions_business_key DO NOTHING RETURNING id), moved AS (INSERT INTO ledger_accounts AS account (id, owner_id, kind, currency, balance_minor, entry_count) SELECT fresh_id, owner_id, kind, currency, amount_minor, 1 FROM posted, entry ORDER BY owner_id, kind, currency ON CONFLICT ON CONSTRAINT ledger_accounts_key DO UPDATE SET balance_minor = account.balance_minor + excluded.balance_minor, entry_count = account.entry_count + 1 RETURNING id, owner_id, kind, currency, balance_minor, entry_count) INSERT INTO ledger_entries (account_id, seq, transaction_id, amount_minor, currency, balance_after_minor) SELECT moved.id, moved.entry_count, posted.id, entry.amount_minor, entry.currency, moved.balance_minor FROM posted, moved JOIN entry USING (owner_id, kind, currency);
COMMIT;
