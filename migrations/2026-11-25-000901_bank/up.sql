-- Bank statements: what a bank says moved, each movement once, and what became of it. Until it is known whose payment it is,
-- money stands in suspense.
CREATE TABLE bank_statements (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES organisations,
    format text NOT NULL CHECK (format IN ('camt.053', 'camt.054', 'mt940', 'norma43', 'csv')),
    file_name text,
    content_sha256 bytea NOT NULL,
    accounts text[] NOT NULL,
    entries integer NOT NULL,
    fresh integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT bank_statements_once UNIQUE (owner_id, content_sha256)
);
CREATE INDEX bank_statements_owner ON bank_statements (owner_id, id DESC);
COMMENT ON COLUMN bank_statements.fresh IS 'Entries that no file before had told';

CREATE TABLE bank_entries (
    id uuid PRIMARY KEY,
    statement_id uuid NOT NULL REFERENCES bank_statements,
    owner_id uuid NOT NULL REFERENCES organisations,
    place text NOT NULL,
    account text NOT NULL,
    booked_on date NOT NULL,
    valued_on date,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency text NOT NULL,
    is_reversal boolean NOT NULL,
    bank_reference text,
    end_to_end_id text,
    counterparty text,
    counterparty_account text,
    text text NOT NULL,
    identity bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('arrived', 'certain', 'likely', 'suspense', 'matched', 'dismissed', 'reversed', 'outgoing')),
    proposals jsonb NOT NULL DEFAULT '[]',
    note text,
    reverses_id uuid REFERENCES bank_entries,
    version integer NOT NULL DEFAULT 1,
    decided_at timestamptz,
    CONSTRAINT bank_entries_once UNIQUE (owner_id, identity)
);
CREATE INDEX bank_entries_owner ON bank_entries (owner_id, id DESC);
CREATE INDEX bank_entries_status ON bank_entries (owner_id, status, id DESC);
CREATE INDEX bank_entries_to_do ON bank_entries (statement_id, status, id) WHERE status IN ('arrived', 'certain');
CREATE INDEX bank_entries_amount ON bank_entries (owner_id, amount_minor, booked_on);
COMMENT ON COLUMN bank_entries.identity IS 'Hash over what stays the same when another file tells of the same movement';

-- Whose account has paid for which debtor before.
CREATE TABLE payer_accounts (
    owner_id uuid NOT NULL REFERENCES organisations,
    account text NOT NULL,
    debtor_id uuid NOT NULL REFERENCES debtors,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, account, debtor_id)
);

ALTER TABLE payments ADD COLUMN bank_entry_id uuid REFERENCES bank_entries;
CREATE INDEX payments_bank_entry ON payments (bank_entry_id) WHERE bank_entry_id IS NOT NULL;
CREATE INDEX payments_unproven ON payments (creditor_id, amount_minor, received_on) WHERE bank_entry_id IS NULL;
COMMENT ON COLUMN payments.bank_entry_id IS 'The movement on a bank account that proves it';

-- What an entry is looked up by: the number without its signs, and what is open.
CREATE INDEX receivables_number_key ON receivables (creditor_id, (upper(regexp_replace(number, '[^A-Za-z0-9]', '', 'g'))));
CREATE INDEX receivables_open_amount ON receivables (creditor_id, (principal_minor - credited_minor - principal_paid_minor))
    WHERE case_id IS NOT NULL;

ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_kind_check;
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_kind_check
    CHECK (kind IN ('cash', 'payable', 'earned', 'commission', 'vat', 'suspense'));

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['bank_statements', 'bank_entries', 'payer_accounts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own ON %I USING (
            (SELECT app_audience()) IN (''system'', ''operator'') OR owner_id = (SELECT app_org()))', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON bank_statements, bank_entries, payer_accounts TO entente_runtime;
