-- Second factors: codes of an authenticator (RFC 6238), and recovery codes for the day it is lost. The shared secret follows from
-- secret_id and the server's master secret, so what stands here opens nothing.
CREATE TABLE second_factors (
    member_id uuid PRIMARY KEY REFERENCES members,
    secret_id uuid NOT NULL,
    begun_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN second_factors.confirmed_at IS 'NULL: being set up, and not asked for yet';
COMMENT ON COLUMN second_factors.last_step IS 'The half-minute of the last code that was taken: none serves twice';
CREATE TABLE recovery_codes (
    member_id uuid NOT NULL REFERENCES members,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (member_id, code_hash)
);
ALTER TABLE second_factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY log_in_only ON second_factors USING (app_audience() = 'system');
CREATE POLICY log_in_only ON recovery_codes USING (app_audience() = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors, recovery_codes TO entente_runtime;
