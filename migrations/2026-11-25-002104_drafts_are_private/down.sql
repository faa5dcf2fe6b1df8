DROP POLICY shipped_own_or_run_through ON strategies;
CREATE POLICY shipped_own_or_run_through ON strategies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR owner_id IS NULL OR owner_id = (SELECT app_org())
    OR EXISTS (SELECT FROM strategy_runs WHERE strategy_runs.strategy_id = strategies.id));
