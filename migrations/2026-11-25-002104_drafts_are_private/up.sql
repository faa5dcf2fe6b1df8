-- A draft is its owner's alone: the operator, who looks into cases and complaints, reads what was published or carried out, and no
-- strategy that an organisation is still thinking about.
DROP POLICY shipped_own_or_run_through ON strategies;
CREATE POLICY shipped_own_or_run_through ON strategies USING (
    (SELECT app_audience()) = 'system' OR owner_id IS NULL OR owner_id = (SELECT app_org())
    OR ((SELECT app_audience()) = 'operator' AND published_at IS NOT NULL)
    OR EXISTS (SELECT FROM strategy_runs WHERE strategy_runs.strategy_id = strategies.id));
