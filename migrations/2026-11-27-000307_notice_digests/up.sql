-- What a person wants to be told of in one mail a day.
CREATE TABLE notice_digests (
    member_id uuid PRIMARY KEY REFERENCES members,
    organisation_id uuid NOT NULL REFERENCES organisations,
    topics text[] NOT NULL,
    next_on date NOT NULL,
    told_until timestamptz NOT NULL
);
COMMENT ON COLUMN notice_digests.told_until IS 'What was told to the organisation until then was mailed, or not wanted';
ALTER TABLE notice_digests ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notice_digests USING ((SELECT app_audience()) = 'system' OR organisation_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_digests TO entente_runtime;
