DROP INDEX actions_once;
UPDATE actions SET status = 'stopped' WHERE is_fallback;
ALTER TABLE actions DROP COLUMN is_fallback;
CREATE UNIQUE INDEX actions_once ON actions (run_id, step) WHERE status <> 'stopped';
ALTER TABLE strategy_runs DROP COLUMN fallback_step;
DROP INDEX deliveries_joining, deliveries_in_line, deliveries_last_turn;
ALTER TABLE deliveries DROP COLUMN due_at, DROP COLUMN turn;
DROP TABLE provider_lines;
