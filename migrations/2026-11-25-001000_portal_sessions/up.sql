-- Sessions of the portals: what the cookie of a browser opens. The cookie holds the token, this table its hash.
CREATE TABLE portal_sessions (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT portal_sessions_token_unique UNIQUE,
    member_id uuid NOT NULL REFERENCES members,
    user_agent text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX portal_sessions_member ON portal_sessions (member_id, started_at DESC);
COMMENT ON TABLE portal_sessions IS 'Ends when its member logs out, stays away too long (seen_at) or when expires_at comes, whichever is first';
COMMENT ON COLUMN portal_sessions.seen_at IS 'To the minute: a row is not written on every request';

-- What a creditor's first page asks: objections nobody has answered.
CREATE INDEX disputes_open ON disputes (creditor_id, opened_at) WHERE status = 'open';

ALTER TABLE portal_sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY log_in_only ON portal_sessions USING (app_audience() = 'system');
GRANT SELECT, INSERT, UPDATE ON portal_sessions TO entente_runtime;
