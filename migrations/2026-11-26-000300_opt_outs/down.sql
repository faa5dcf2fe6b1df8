DROP INDEX tasks_open_calls;
DROP TABLE opt_outs;
