DELETE FROM tasks WHERE kind = 'approval';
ALTER TABLE tasks DROP COLUMN run_id, DROP COLUMN step;
ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
ALTER TABLE tasks ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('call', 'review'));
DELETE FROM actions WHERE status = 'left_out';
ALTER TABLE actions DROP CONSTRAINT actions_status_check;
ALTER TABLE actions ADD CONSTRAINT actions_status_check CHECK (status IN ('prepared', 'done', 'refused', 'stopped', 'failed'));
DROP TABLE strategy_assignments;
DROP POLICY shipped_own_or_run_through ON strategies;
DROP INDEX strategy_runs_pursuer;
DROP INDEX strategy_runs_strategy;
ALTER TABLE strategy_runs ADD CONSTRAINT strategy_runs_one_per_pursuer UNIQUE NULLS NOT DISTINCT (case_id, agency_id);
ALTER TABLE strategy_runs DROP COLUMN because;
DELETE FROM strategies WHERE published_at IS NULL;
REVOKE UPDATE (published_at) ON strategies FROM entente_runtime;
ALTER TABLE strategies DROP COLUMN published_at;
ALTER TABLE strategies RENAME COLUMN owner_id TO creditor_id;
CREATE POLICY shipped_or_own ON strategies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id IS NULL OR creditor_id = (SELECT app_org()));
