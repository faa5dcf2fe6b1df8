-- Who gets the treasury report by mail, and when next.
CREATE TABLE treasury_mails (
    member_id uuid PRIMARY KEY REFERENCES members,
    organisation_id uuid NOT NULL REFERENCES organisations,
    rhythm text NOT NULL,
    next_on date NOT NULL
);
COMMENT ON COLUMN treasury_mails.next_on IS 'The day on which it leaves; it stands at the end of the day before';
ALTER TABLE treasury_mails ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON treasury_mails USING ((SELECT app_audience()) = 'system' OR organisation_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE, DELETE ON treasury_mails TO entente_runtime;
