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

-- A case's run through one strategy version; frozen when it starts.
CREATE TABLE strategy_runs (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    strategy_id uuid NOT NULL REFERENCES strategies,
    anchored_on date NOT NULL,
    next_step integer NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX strategy_runs_one_running ON strategy_runs (case_id) WHERE ended_at IS NULL;

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
    decided_at timestamptz NOT NULL,
    CONSTRAINT actions_once UNIQUE (run_id, step)
);
CREATE INDEX actions_case ON actions (case_id);
COMMENT ON COLUMN actions.rule IS 'The contact-policy rule that refused or stopped it';

CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    action_id uuid NOT NULL CONSTRAINT deliveries_one_per_action UNIQUE REFERENCES actions,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    document_id uuid REFERENCES documents,
    contact_epoch integer NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'stopped', 'failed')),
    message_id text NOT NULL CONSTRAINT deliveries_message_id_unique UNIQUE,
    error text,
    queued_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX deliveries_case ON deliveries (case_id);

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    agency_id uuid,
    action_id uuid REFERENCES actions,
    kind text NOT NULL CHECK (kind IN ('call', 'review')),
    title text NOT NULL,
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

ALTER TABLE strategies ENABLE ROW LEVEL SECURITY;
CREATE POLICY shipped_or_own ON strategies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id IS NULL OR creditor_id = (SELECT app_org()));
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['strategy_runs', 'actions', 'deliveries', 'tasks'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY parties_of_the_case ON %I USING (
            (SELECT app_audience()) IN (''system'', ''operator'') OR creditor_id = (SELECT app_org())
            OR EXISTS (SELECT FROM cases WHERE cases.id = %I.case_id))', t, t);
    END LOOP;
END $$;
GRANT SELECT, INSERT ON strategies TO entente_runtime;
GRANT SELECT, INSERT, UPDATE ON strategy_runs, actions, deliveries, tasks TO entente_runtime;
