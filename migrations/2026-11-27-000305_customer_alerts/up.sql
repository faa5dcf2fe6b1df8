-- Alerts of customers, beside those of cases, and for the one person whose customer it is.
ALTER TABLE alerts
    ALTER COLUMN case_id DROP NOT NULL,
    ALTER COLUMN case_reference DROP NOT NULL,
    ADD COLUMN debtor_id uuid REFERENCES debtors,
    ADD COLUMN member_id uuid REFERENCES members;
UPDATE alerts SET debtor_id = cases.debtor_id FROM cases WHERE cases.id = alerts.case_id;
ALTER TABLE alerts ALTER COLUMN debtor_id SET NOT NULL;
COMMENT ON COLUMN alerts.case_id IS 'NULL: of the customer as a whole';
COMMENT ON COLUMN alerts.member_id IS 'The account owner, where the alert is for their role; NULL: for all of the role';

-- Since when a customer stands as it stands; gone when it does no more.
CREATE TABLE standing_risks (
    owner_id uuid NOT NULL REFERENCES organisations,
    debtor_id uuid NOT NULL REFERENCES debtors,
    event text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (owner_id, event, debtor_id)
);
ALTER TABLE standing_risks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON standing_risks USING ((SELECT app_audience()) = 'system' OR owner_id = (SELECT app_org()));
GRANT SELECT, INSERT, DELETE ON standing_risks TO entente_runtime;
