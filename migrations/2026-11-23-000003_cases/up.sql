-- The recovery of one or more receivables of one debtor, pursued by one party at a time.
CREATE TABLE cases (
    id uuid PRIMARY KEY,
    reference text NOT NULL CONSTRAINT cases_reference_unique UNIQUE,
    creditor_id uuid NOT NULL REFERENCES organisations,
    debtor_id uuid NOT NULL REFERENCES debtors,
    agency_id uuid REFERENCES organisations,
    listing_id uuid,
    phase text NOT NULL CHECK (phase IN ('draft', 'in_house', 'listed', 'awarded', 'active', 'closed')),
    closed_from text,
    outcome text,
    currency text NOT NULL,
    principal_minor bigint NOT NULL CHECK (principal_minor > 0),
    recovered_minor bigint NOT NULL DEFAULT 0 CHECK (recovered_minor >= 0),
    with_interest boolean NOT NULL,
    oldest_due_on date NOT NULL,
    contact_epoch integer NOT NULL DEFAULT 0,
    next_action_at timestamptz,
    event_count integer NOT NULL,
    last_event_hash bytea NOT NULL,
    version integer NOT NULL,
    phase_since timestamptz NOT NULL,
    posted_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK ((phase = 'closed') = (outcome IS NOT NULL)),
    CHECK ((phase IN ('awarded', 'active')) <= (agency_id IS NOT NULL))
);
CREATE INDEX cases_creditor ON cases (creditor_id, id DESC);
CREATE INDEX cases_agency ON cases (agency_id, id DESC) WHERE agency_id IS NOT NULL;
CREATE INDEX cases_debtor ON cases (debtor_id);
CREATE INDEX cases_listing ON cases (listing_id) WHERE listing_id IS NOT NULL;
CREATE INDEX cases_next_action ON cases (next_action_at) WHERE next_action_at IS NOT NULL;
COMMENT ON COLUMN cases.reference IS 'ISO 11649 creditor reference (RF…): what a debtor writes on a transfer';
COMMENT ON COLUMN cases.contact_epoch IS 'Raised by whatever stops contact (payment, hold, closure): a message prepared under an older epoch is never sent';
COMMENT ON COLUMN cases.next_action_at IS 'When the engine looks at this case again; nothing scans all cases';
COMMENT ON COLUMN cases.with_interest IS 'Whether the creditor asks for statutory interest and compensation, or for the principal alone';
-- Deferred: a case and the assignment of its receivables travel together, in whichever order they arrive.
ALTER TABLE receivables ADD CONSTRAINT receivables_case_exists FOREIGN KEY (case_id) REFERENCES cases DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE documents ADD CONSTRAINT documents_case_exists FOREIGN KEY (case_id) REFERENCES cases;

-- The timeline. Append-only: the runtime role may not update or delete.
CREATE TABLE events (
    case_id uuid NOT NULL REFERENCES cases,
    seq integer NOT NULL CHECK (seq > 0),
    creditor_id uuid NOT NULL,
    agency_id uuid,
    kind text NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('member', 'api_key', 'debtor', 'engine', 'operator')),
    actor_id uuid,
    at timestamptz NOT NULL,
    data jsonb NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (case_id, seq)
);
COMMENT ON TABLE events IS 'hash = SHA-256(previous hash, seq, kind, actor, at, data): see cases::timeline';
COMMENT ON COLUMN events.agency_id IS 'The agency engaged at that time: the only one that may read the line';

CREATE TABLE holds (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('dispute', 'hardship', 'promise', 'plan', 'payment_in_flight', 'insolvency', 'creditor_request')),
    reason text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    released_at timestamptz,
    CHECK (ends_at IS NULL OR ends_at > starts_at)
);
CREATE INDEX holds_running ON holds (case_id) WHERE released_at IS NULL;

CREATE TABLE promises (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    hold_id uuid NOT NULL REFERENCES holds,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    promised_on date NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'kept', 'broken')),
    created_at timestamptz NOT NULL
);
CREATE INDEX promises_case ON promises (case_id);

CREATE TABLE disputes (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    hold_id uuid NOT NULL REFERENCES holds,
    reason text NOT NULL CHECK (reason IN ('not_ordered', 'not_delivered', 'defective', 'wrong_amount', 'already_paid', 'wrong_debtor', 'other')),
    statement text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'upheld', 'rejected', 'settled')),
    reduction_minor bigint NOT NULL DEFAULT 0,
    resolution text,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz
);
CREATE INDEX disputes_case ON disputes (case_id);

ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE holds ENABLE ROW LEVEL SECURITY;
ALTER TABLE promises ENABLE ROW LEVEL SECURITY;
ALTER TABLE disputes ENABLE ROW LEVEL SECURITY;

CREATE POLICY parties_of_the_case ON cases USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR agency_id = (SELECT app_org()) OR id = (SELECT app_case()));

-- What hangs on a case is seen by who sees the case; its own creditor is recognised without looking there.
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['holds', 'promises', 'disputes', 'documents', 'receivables'] LOOP
        EXECUTE format('CREATE POLICY parties_of_the_case ON %I USING (
            (SELECT app_audience()) IN (''system'', ''operator'') OR creditor_id = (SELECT app_org())
            OR EXISTS (SELECT FROM cases WHERE cases.id = %I.case_id))', t, t);
    END LOOP;
END $$;
CREATE POLICY parties_of_the_time ON events USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR agency_id = (SELECT app_org()) OR case_id = (SELECT app_case()));
CREATE POLICY parties_of_a_case ON debtors USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.debtor_id = debtors.id));
CREATE POLICY parties_of_a_case ON relationship_profiles USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.debtor_id = relationship_profiles.debtor_id));
CREATE POLICY known_organisations ON organisations USING (
    (SELECT app_audience()) IN ('system', 'operator') OR id = (SELECT app_org()) OR kind = 'operator'
    OR EXISTS (SELECT FROM cases WHERE cases.creditor_id = organisations.id OR cases.agency_id = organisations.id));
GRANT SELECT, INSERT, UPDATE ON cases, holds, promises, disputes TO entente_runtime;
GRANT SELECT, INSERT ON events TO entente_runtime;
