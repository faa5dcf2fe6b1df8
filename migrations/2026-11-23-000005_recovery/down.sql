DROP TABLE tasks, deliveries, actions, strategy_runs, strategies;
DROP INDEX debtors_identity;
