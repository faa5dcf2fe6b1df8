-- Customers that may be one are offered to a person, never merged in silence; what a person decides can be read and traced.
ALTER TABLE debtors
    ADD COLUMN parent_id uuid REFERENCES debtors,
    ADD COLUMN merged_into uuid REFERENCES debtors,
    ADD COLUMN time_zone text,
    ADD COLUMN match_key text COLLATE "C" NOT NULL DEFAULT '',
    ADD CONSTRAINT debtors_not_own_parent CHECK (parent_id <> id),
    ADD CONSTRAINT debtors_not_merged_into_itself CHECK (merged_into <> id);
UPDATE debtors SET match_key = lower(legal_name);
COMMENT ON COLUMN debtors.parent_id IS 'The company that this one is a site or a subsidiary of; one level, so that a sum over a group is one look';
COMMENT ON COLUMN debtors.merged_into IS 'A person found it to be the same customer: new invoices go there. What a case pursues stays where it was';
COMMENT ON COLUMN debtors.match_key IS 'The name without accents and legal form: near matches stand near each other in its order';
COMMENT ON COLUMN debtors.time_zone IS 'Null: the one of the country';
CREATE INDEX debtors_creditor ON debtors (creditor_id, id DESC);
CREATE INDEX debtors_match ON debtors (creditor_id, match_key, id);
CREATE INDEX debtors_parent ON debtors (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX debtors_merged ON debtors (merged_into) WHERE merged_into IS NOT NULL;

-- Two customers that may be one. The later of the two comes second.
CREATE TABLE debtor_matches (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    debtor_id uuid NOT NULL REFERENCES debtors,
    other_id uuid NOT NULL REFERENCES debtors,
    score_bp integer NOT NULL CHECK (score_bp BETWEEN 0 AND 10000),
    reasons text[] NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'merged', 'apart')),
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    CONSTRAINT debtor_matches_once UNIQUE (debtor_id, other_id),
    CHECK (debtor_id < other_id)
);
CREATE INDEX debtor_matches_open ON debtor_matches (creditor_id, id DESC) WHERE status = 'open';
CREATE INDEX debtor_matches_other ON debtor_matches (other_id);

-- What became of a customer's record. Append-only.
CREATE TABLE debtor_events (
    id uuid PRIMARY KEY,
    debtor_id uuid NOT NULL REFERENCES debtors,
    creditor_id uuid NOT NULL,
    kind text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    at timestamptz NOT NULL,
    data jsonb NOT NULL
);
CREATE INDEX debtor_events_debtor ON debtor_events (debtor_id, id);

-- People at a customer.
CREATE TABLE debtor_contacts (
    id uuid PRIMARY KEY,
    debtor_id uuid NOT NULL REFERENCES debtors,
    creditor_id uuid NOT NULL,
    full_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('accounts_payable', 'purchasing', 'management', 'legal', 'other')),
    language text,
    email text,
    phone text,
    bounced_at timestamptz,
    bounce_reason text,
    removed_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK (email IS NOT NULL OR phone IS NOT NULL)
);
CREATE INDEX debtor_contacts_debtor ON debtor_contacts (debtor_id) WHERE removed_at IS NULL;
COMMENT ON COLUMN debtor_contacts.bounced_at IS 'Mail to this address came back: nobody writes there until it is changed';

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['debtor_matches', 'debtor_events', 'debtor_contacts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['debtor_matches', 'debtor_events'] LOOP
        EXECUTE format('CREATE POLICY own ON %I USING (
            (SELECT app_audience()) IN (''system'', ''operator'') OR creditor_id = (SELECT app_org()))', t);
    END LOOP;
END $$;
CREATE POLICY with_the_debtor ON debtor_contacts USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.debtor_id = debtor_contacts.debtor_id));
GRANT SELECT, INSERT, UPDATE ON debtor_matches, debtor_contacts TO entente_runtime;
GRANT SELECT, INSERT ON debtor_events TO entente_runtime;
