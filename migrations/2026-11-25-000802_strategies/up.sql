-- Strategies are written by organisations, published, assigned to cases; a run says why it goes through which, and may be
-- moved to another. Steps may be left out, and may wait for a person's yes.
ALTER TABLE strategies RENAME COLUMN creditor_id TO owner_id;
ALTER TABLE strategies ADD COLUMN published_at timestamptz;
UPDATE strategies SET published_at = created_at;
COMMENT ON COLUMN strategies.owner_id IS 'A creditor or an agency; NULL: ships with the platform';
COMMENT ON COLUMN strategies.published_at IS 'NULL: a draft. A published version never changes';
GRANT UPDATE (published_at) ON strategies TO entente_runtime;

ALTER TABLE strategy_runs ADD COLUMN because text NOT NULL DEFAULT 'nothing more particular applies';
ALTER TABLE strategy_runs ALTER COLUMN because DROP DEFAULT;
-- A case moved to another strategy begins another run; the earlier one stays as it was.
ALTER TABLE strategy_runs DROP CONSTRAINT strategy_runs_one_per_pursuer;
CREATE INDEX strategy_runs_pursuer ON strategy_runs (case_id, agency_id, started_at DESC);
CREATE INDEX strategy_runs_strategy ON strategy_runs (strategy_id);

DROP POLICY shipped_or_own ON strategies;
CREATE POLICY shipped_own_or_run_through ON strategies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR owner_id IS NULL OR owner_id = (SELECT app_org())
    OR EXISTS (SELECT FROM strategy_runs WHERE strategy_runs.strategy_id = strategies.id));

CREATE TABLE strategy_assignments (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES organisations,
    strategy text NOT NULL,
    debtor_id uuid REFERENCES debtors,
    debtor_kind text CHECK (debtor_kind IN ('business', 'consumer', 'public')),
    from_minor bigint CHECK (from_minor >= 0),
    below_minor bigint CHECK (below_minor > from_minor),
    currency text,
    created_at timestamptz NOT NULL,
    CHECK (num_nonnulls(debtor_id, debtor_kind, currency) <= 1),
    CHECK ((currency IS NULL) = (from_minor IS NULL)),
    CONSTRAINT strategy_assignments_once UNIQUE NULLS NOT DISTINCT (owner_id, debtor_id, debtor_kind, currency, from_minor, below_minor)
);
COMMENT ON TABLE strategy_assignments IS 'Neither customer, class nor range: for all cases of its owner';
ALTER TABLE strategy_assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON strategy_assignments USING ((SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE, DELETE ON strategy_assignments TO entente_runtime;

ALTER TABLE actions DROP CONSTRAINT actions_status_check;
ALTER TABLE actions ADD CONSTRAINT actions_status_check
    CHECK (status IN ('prepared', 'done', 'refused', 'stopped', 'failed', 'left_out'));

ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
ALTER TABLE tasks ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('call', 'review', 'approval'));
ALTER TABLE tasks ADD COLUMN run_id uuid REFERENCES strategy_runs, ADD COLUMN step integer;
ALTER TABLE tasks ADD CONSTRAINT tasks_approval_of_a_step CHECK ((kind = 'approval') = (run_id IS NOT NULL AND step IS NOT NULL));
CREATE INDEX tasks_approval ON tasks (run_id, step) WHERE kind = 'approval';
