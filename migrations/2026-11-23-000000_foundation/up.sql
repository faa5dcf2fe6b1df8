-- Two roles from the first table on: the owner migrates, `entente_runtime` works and owns nothing, so that
-- row-level security binds every query the product sends. Roles belong to the cluster, hence the guards.
DO $$ BEGIN
    CREATE ROLE entente_runtime NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN
    EXECUTE format('GRANT entente_runtime TO %I', current_user);
EXCEPTION WHEN OTHERS THEN NULL; END $$;
GRANT USAGE ON SCHEMA public TO entente_runtime;

-- Who asks, set per transaction. After a transaction-local setting ends it reads as '', not NULL.
CREATE FUNCTION app_audience() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.audience', true) $$;
CREATE FUNCTION app_org() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.org_id', true), '')::uuid $$;
CREATE FUNCTION app_case() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.case_id', true), '')::uuid $$;
COMMENT ON FUNCTION app_audience IS 'creditor, agency, partner, operator, debtor or system; empty outside a transaction of the product';

-- Work to be done after the transaction that asked for it.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    run_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    leased_until timestamptz,
    lease uuid,
    last_error text,
    dead_at timestamptz
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE dead_at IS NULL;
COMMENT ON TABLE jobs IS 'A row is deleted when its job succeeded; dead_at marks one that was given up and waits for a person';
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO entente_runtime;

-- The answer given to a POST, kept in the transaction that earned it, so that a repeated request gets the same one.
CREATE TABLE idempotency_keys (
    owner_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (owner_id, key)
);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_keys ON idempotency_keys USING (app_audience() = 'system' OR owner_id = app_org());
GRANT SELECT, INSERT, DELETE ON idempotency_keys TO entente_runtime;

-- One row: how far a movable clock runs ahead of real time. Real clocks ignore it.
CREATE TABLE clock_offset (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    offset_seconds bigint NOT NULL DEFAULT 0
);
INSERT INTO clock_offset DEFAULT VALUES;
GRANT SELECT, UPDATE ON clock_offset TO entente_runtime;
