-- Debtors may pay by card or direct debit through Stripe. That money lies in the platform's balance there until it is
-- transferred to whom it belongs; every call to Stripe has its row before it is made.
ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_kind_check;
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_kind_check
    CHECK (kind IN ('cash', 'payable', 'earned', 'commission', 'vat', 'suspense', 'stripe', 'own')) NOT VALID;

ALTER TABLE payments DROP CONSTRAINT payments_route_check;
ALTER TABLE payments ADD CONSTRAINT payments_route_check CHECK (route IN ('agency_account', 'direct', 'stripe')) NOT VALID;
ALTER TABLE payments DROP CONSTRAINT payments_declared_by_check;
ALTER TABLE payments ADD CONSTRAINT payments_declared_by_check CHECK (declared_by IN ('creditor', 'agency', 'provider')) NOT VALID;

CREATE TABLE stripe_checkouts (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    language text NOT NULL,
    status text NOT NULL CHECK (status IN ('started', 'open', 'processing', 'paid', 'over')),
    session_id text CONSTRAINT stripe_checkouts_session UNIQUE,
    intent_id text CONSTRAINT stripe_checkouts_intent UNIQUE,
    charge_id text,
    url text,
    surplus_minor bigint NOT NULL DEFAULT 0 CHECK (surplus_minor >= 0),
    moves integer NOT NULL DEFAULT 0,
    said text,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX stripe_checkouts_live ON stripe_checkouts (case_id) WHERE status IN ('started', 'open');
COMMENT ON TABLE stripe_checkouts IS 'Attempts to pay, each written before Stripe is asked; a case has one at a time that may still be paid';
COMMENT ON COLUMN stripe_checkouts.surplus_minor IS 'Came in and is nobody''s payment: in suspense until it is refunded';
COMMENT ON COLUMN stripe_checkouts.moves IS 'How often the books followed: makes each posting''s business key its own';
ALTER TABLE payments ADD COLUMN checkout_id uuid REFERENCES stripe_checkouts;
CREATE INDEX payments_checkout ON payments (checkout_id) WHERE checkout_id IS NOT NULL;

CREATE TABLE stripe_events (
    id text PRIMARY KEY,
    kind text NOT NULL,
    object_id text NOT NULL,
    raw text NOT NULL,
    created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    came_by text NOT NULL CHECK (came_by IN ('webhook', 'catch_up')),
    done_at timestamptz,
    said text
);
CREATE INDEX stripe_events_created ON stripe_events (created_at);
COMMENT ON COLUMN stripe_events.said IS 'What became of it, for a person; of what is none of ours, why';

CREATE TABLE stripe_accounts (
    org_id uuid PRIMARY KEY REFERENCES organisations,
    account_id text CONSTRAINT stripe_accounts_account UNIQUE,
    is_ready boolean NOT NULL DEFAULT false,
    lacks text[] NOT NULL DEFAULT '{}',
    asked_at timestamptz NOT NULL,
    seen_at timestamptz
);
COMMENT ON COLUMN stripe_accounts.lacks IS 'What Stripe still asks of the organisation before money can be transferred to it';

CREATE TABLE stripe_transfers (
    payout_id uuid PRIMARY KEY REFERENCES payouts,
    destination text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    reverses text,
    provider_id text CONSTRAINT stripe_transfers_provider UNIQUE,
    tries integer NOT NULL DEFAULT 1,
    said text,
    sent_at timestamptz NOT NULL
);
COMMENT ON TABLE stripe_transfers IS 'Payouts that Stripe was told of; written before, so that one without an answer is looked up and not sent again';
COMMENT ON COLUMN stripe_transfers.reverses IS 'Of a payout that is given back: the transfer that it went by';
COMMENT ON COLUMN stripe_transfers.tries IS 'Counts definite refusals: a new idempotency key for each, because Stripe answers an old one as before';
ALTER TABLE payouts ADD COLUMN sent_at timestamptz;
COMMENT ON COLUMN payouts.sent_at IS 'Stripe may have been told of it: it is neither set off, nor cancelled, nor put into a batch';

CREATE TABLE stripe_movements (
    id text PRIMARY KEY,
    kind text NOT NULL,
    source text,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    fee_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    is_own boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX stripe_movements_created ON stripe_movements (created_at);
COMMENT ON TABLE stripe_movements IS 'Balance transactions, as Stripe tells them: what the ledger''s Stripe account is held against';
COMMENT ON COLUMN stripe_movements.is_own IS 'No payment, payout or refund of ours stands behind it: the platform''s own money moved';

ALTER TABLE stripe_checkouts ENABLE ROW LEVEL SECURITY;
ALTER TABLE stripe_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE stripe_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE stripe_transfers ENABLE ROW LEVEL SECURITY;
ALTER TABLE stripe_movements ENABLE ROW LEVEL SECURITY;
CREATE POLICY debtor ON stripe_checkouts USING ((SELECT app_audience()) IN ('system', 'operator') OR case_id = (SELECT app_case()));
CREATE POLICY operator ON stripe_events USING ((SELECT app_audience()) IN ('system', 'operator'));
CREATE POLICY owner ON stripe_accounts USING ((SELECT app_audience()) IN ('system', 'operator') OR org_id = (SELECT app_org()));
CREATE POLICY operator ON stripe_transfers USING ((SELECT app_audience()) IN ('system', 'operator'));
CREATE POLICY operator ON stripe_movements USING ((SELECT app_audience()) IN ('system', 'operator'));
GRANT SELECT, INSERT, UPDATE ON stripe_checkouts, stripe_events, stripe_accounts, stripe_transfers TO entente_runtime;
GRANT SELECT, INSERT ON stripe_movements TO entente_runtime;

CREATE TABLE stripe_catch_up (is_only boolean PRIMARY KEY CHECK (is_only), asked_at timestamptz NOT NULL);
INSERT INTO stripe_catch_up VALUES (true, '-infinity');
COMMENT ON TABLE stripe_catch_up IS 'When Stripe was last asked for events and movements that no webhook brought';
ALTER TABLE stripe_catch_up ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON stripe_catch_up USING ((SELECT app_audience()) IN ('system', 'operator'));
GRANT SELECT, UPDATE ON stripe_catch_up TO entente_runtime;
