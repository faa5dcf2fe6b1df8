DROP INDEX allocations_receivable;
DROP TABLE credit_limits, debtor_scores;
