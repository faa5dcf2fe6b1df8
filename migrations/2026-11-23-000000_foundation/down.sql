DROP TABLE clock_offset, idempotency_keys, jobs;
DROP FUNCTION app_case, app_org, app_audience;
REVOKE USAGE ON SCHEMA public FROM entente_runtime;
