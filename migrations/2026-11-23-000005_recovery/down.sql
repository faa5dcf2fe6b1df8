DROP TABLE tasks, deliveries, actions, strategy_runs, strategies;
