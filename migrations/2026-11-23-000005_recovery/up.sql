-- Playbooks, the steps a case has taken, what became of each message, and work for people.
CREATE TABLE strategies (
    id uuid PRIMARY KEY,
    creditor_id uuid REFERENCES organisations,
    name text NOT NULL,
    version integer NOT NULL,
    steps jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT strategies_version_unique UNIQUE NULLS NOT DISTINCT (creditor_id, name, version)
);
COMMENT ON COLUMN strategies.creditor_id IS 'NULL: ships with the platform';

-- A pursuer's run of a case through one strategy version; frozen when it starts, resumed when the case comes back to it.
CREATE TABLE strategy_runs (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    agency_id uuid REFERENCES organisations,
    strategy_id uuid NOT NULL REFERENCES strategies,
    anchored_on date NOT NULL,
    next_step integer NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT strategy_runs_one_per_pursuer UNIQUE NULLS NOT DISTINCT (case_id, agency_id)
);
CREATE UNIQUE INDEX strategy_runs_one_running ON strategy_runs (case_id) WHERE ended_at IS NULL;
COMMENT ON COLUMN strategy_runs.agency_id IS 'NULL: the creditor itself, in-house';

CREATE TABLE actions (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    agency_id uuid,
    run_id uuid NOT NULL REFERENCES strategy_runs,
    step integer NOT NULL,
    channel text NOT NULL CHECK (channel IN ('mail', 'letter', 'call', 'sms')),
    template text NOT NULL,
    tone text NOT NULL,
    status text NOT NULL CHECK (status IN ('prepared', 'done', 'refused', 'stopped', 'failed')),
    rule text,
    decided_at timestamptz NOT NULL
);
-- A step is carried out once. One that was stopped before it left does not count and is taken again.
CREATE UNIQUE INDEX actions_once ON actions (run_id, step) WHERE status <> 'stopped';
CREATE INDEX actions_case ON actions (case_id);
COMMENT ON COLUMN actions.rule IS 'The contact-policy rule that refused or stopped it';

CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    action_id uuid NOT NULL CONSTRAINT deliveries_one_per_action UNIQUE REFERENCES actions,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    channel text NOT NULL,
    sender text NOT NULL,
    reply_to text,
    address text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    html text,
    document_id uuid REFERENCES documents,
    contact_epoch integer NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'stopped', 'failed')),
    message_id text NOT NULL CONSTRAINT deliveries_message_id_unique UNIQUE,
    error text,
    queued_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX deliveries_case ON deliveries (case_id);
COMMENT ON COLUMN deliveries.subject IS 'A letter''s own reference: later contacts recall it';
COMMENT ON COLUMN deliveries.status IS 'sending: on its way when the process died. It is asked about, or given up, never sent blindly again';

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    agency_id uuid,
    action_id uuid REFERENCES actions,
    kind text NOT NULL CHECK (kind IN ('call', 'review')),
    reason text NOT NULL,
    title text NOT NULL,
    contact_epoch integer NOT NULL,
    due_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'done', 'stopped')),
    result text,
    note text,
    created_at timestamptz NOT NULL,
    done_at timestamptz
);
CREATE INDEX tasks_case ON tasks (case_id);
CREATE INDEX tasks_agency_open ON tasks (agency_id, due_at) WHERE status = 'open';
CREATE INDEX tasks_creditor_open ON tasks (creditor_id, due_at) WHERE status = 'open';
COMMENT ON COLUMN tasks.contact_epoch IS 'A call asked for under an older epoch of its case is not to be made';
-- The weekly cap counts a debtor's contacts over all creditors.
CREATE INDEX debtors_identity ON debtors (identity_key);

ALTER TABLE strategies ENABLE ROW LEVEL SECURITY;
CREATE POLICY shipped_or_own ON strategies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id IS NULL OR creditor_id = (SELECT app_org()));
-- An agency reads what it did itself, also after it gave the case back, and nothing that another did.
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['strategy_runs', 'actions', 'tasks'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY creditor_and_doer ON %I USING (
            (SELECT app_audience()) IN (''system'', ''operator'') OR creditor_id = (SELECT app_org())
            OR agency_id = (SELECT app_org()))', t);
    END LOOP;
END $$;
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
CREATE POLICY with_the_action ON deliveries USING (EXISTS (SELECT FROM actions WHERE actions.id = deliveries.action_id));
GRANT SELECT, INSERT ON strategies TO entente_runtime;
GRANT SELECT, INSERT, UPDATE ON strategy_runs, actions, deliveries, tasks TO entente_runtime;
