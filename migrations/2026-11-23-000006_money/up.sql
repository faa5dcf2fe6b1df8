-- The ledger knows no case: accounts, transactions that sum to zero per currency, entries that are never changed.
CREATE TABLE ledger_accounts (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('cash', 'payable', 'earned', 'commission', 'vat')),
    currency text NOT NULL,
    balance_minor bigint NOT NULL DEFAULT 0,
    entry_count bigint NOT NULL DEFAULT 0,
    CONSTRAINT ledger_accounts_key UNIQUE (owner_id, kind, currency)
);
COMMENT ON COLUMN ledger_accounts.balance_minor IS 'Debits minus credits: positive for money held, negative for money owed';

CREATE TABLE ledger_transactions (
    id uuid PRIMARY KEY,
    business_key text NOT NULL CONSTRAINT ledger_transactions_business_key UNIQUE,
    kind text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON COLUMN ledger_transactions.business_key IS 'What makes a replay harmless: payment.confirmed:<id>, payout.paid:<id>';

CREATE TABLE ledger_entries (
    account_id uuid NOT NULL REFERENCES ledger_accounts,
    seq bigint NOT NULL,
    transaction_id uuid NOT NULL REFERENCES ledger_transactions,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency text NOT NULL,
    balance_after_minor bigint NOT NULL,
    PRIMARY KEY (account_id, seq)
);
CREATE INDEX ledger_entries_transaction ON ledger_entries (transaction_id);

-- Second proof, after the one in Rust: at commit every transaction sums to zero in each currency.
CREATE FUNCTION ledger_transaction_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_entries WHERE transaction_id = NEW.transaction_id GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_transaction_balances AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balances();

-- Money that arrived or was declared.
CREATE TABLE payments (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL REFERENCES organisations,
    agency_id uuid REFERENCES organisations,
    route text NOT NULL CHECK (route IN ('agency_account', 'direct')),
    declared_by text NOT NULL CHECK (declared_by IN ('creditor', 'agency')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    received_on date NOT NULL,
    bank_reference text NOT NULL,
    hold_id uuid REFERENCES holds,
    status text NOT NULL CHECK (status IN ('declared', 'confirmed', 'contested', 'rejected')),
    answer_by timestamptz NOT NULL,
    answer_note text,
    fee_bp integer NOT NULL,
    version integer NOT NULL,
    declared_at timestamptz NOT NULL,
    answered_at timestamptz,
    CONSTRAINT payments_reference_unique UNIQUE (case_id, bank_reference)
);
CREATE INDEX payments_creditor ON payments (creditor_id, id DESC);
CREATE INDEX payments_agency ON payments (agency_id, id DESC) WHERE agency_id IS NOT NULL;
COMMENT ON COLUMN payments.hold_id IS 'What stops contact until the other side has answered; null where nobody had to';
COMMENT ON COLUMN payments.bank_reference IS 'The bank''s reference of the transfer: the same one twice on a case is one payment declared twice';

-- How a payment was spent.
CREATE TABLE allocations (
    payment_id uuid NOT NULL REFERENCES payments,
    receivable_id uuid NOT NULL REFERENCES receivables,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    part text NOT NULL CHECK (part IN ('compensation', 'interest', 'principal')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    received_on date NOT NULL,
    PRIMARY KEY (payment_id, receivable_id, part)
);
CREATE INDEX allocations_case ON allocations (case_id);

-- Agency's fee to the creditor and the platform's commission to the agency, on what was recovered and nothing else.
CREATE TABLE fees (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments,
    case_id uuid NOT NULL REFERENCES cases,
    kind text NOT NULL CHECK (kind IN ('success_fee', 'commission')),
    supplier_id uuid NOT NULL REFERENCES organisations,
    customer_id uuid NOT NULL REFERENCES organisations,
    currency text NOT NULL,
    base_minor bigint NOT NULL,
    rate_bp integer NOT NULL,
    net_minor bigint NOT NULL,
    vat_bp integer NOT NULL,
    vat_minor bigint NOT NULL,
    vat_ground text NOT NULL,
    charged_on date NOT NULL,
    CONSTRAINT fees_once UNIQUE (payment_id, kind)
);
CREATE INDEX fees_supplier ON fees (supplier_id, id DESC);
CREATE INDEX fees_customer ON fees (customer_id, id DESC);

-- Money out: who holds it, who gets it, by when.
CREATE TABLE payouts (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments,
    case_id uuid NOT NULL REFERENCES cases,
    payer_id uuid NOT NULL REFERENCES organisations,
    payee_id uuid NOT NULL REFERENCES organisations,
    currency text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    due_on date NOT NULL,
    status text NOT NULL CHECK (status IN ('due', 'paid')),
    bank_reference text,
    paid_on date,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT payouts_once UNIQUE (payment_id, payee_id)
);
CREATE INDEX payouts_payer ON payouts (payer_id, id DESC);
CREATE INDEX payouts_payee ON payouts (payee_id, id DESC);

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['payments', 'allocations', 'fees', 'payouts', 'ledger_accounts', 'ledger_transactions', 'ledger_entries'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    END LOOP;
END $$;
CREATE POLICY parties ON payments USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()) OR agency_id = (SELECT app_org()) OR case_id = (SELECT app_case()));
CREATE POLICY parties ON allocations USING (EXISTS (SELECT FROM payments WHERE payments.id = allocations.payment_id));
CREATE POLICY parties ON fees USING (
    (SELECT app_audience()) IN ('system', 'operator') OR supplier_id = (SELECT app_org()) OR customer_id = (SELECT app_org())
    OR EXISTS (SELECT FROM payments WHERE payments.id = fees.payment_id AND payments.creditor_id = (SELECT app_org())
        AND fees.kind = 'success_fee'));
CREATE POLICY parties ON payouts USING (
    (SELECT app_audience()) IN ('system', 'operator') OR payer_id = (SELECT app_org()) OR payee_id = (SELECT app_org())
    OR EXISTS (SELECT FROM payments WHERE payments.id = payouts.payment_id));
-- Books are written by commands of either side of a settlement; each side reads its own accounts only through statements.
CREATE POLICY books ON ledger_accounts USING (true);
CREATE POLICY books ON ledger_transactions USING (true);
CREATE POLICY books ON ledger_entries USING (true);
GRANT SELECT, INSERT, UPDATE ON ledger_accounts, payments, payouts TO entente_runtime;
GRANT SELECT, INSERT ON ledger_transactions, ledger_entries, allocations, fees TO entente_runtime;
