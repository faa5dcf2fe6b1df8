-- The account that money goes to changes in two steps: asked for here, confirmed with a code that goes another way (a mail to
-- the organisation's address), and in force after some days in which nothing is paid out to it.
CREATE TABLE account_changes (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisations,
    iban text NOT NULL,
    status text NOT NULL CHECK (status IN ('asked', 'confirmed', 'in_force', 'cancelled', 'void')),
    asked_by uuid NOT NULL REFERENCES members,
    asked_at timestamptz NOT NULL,
    confirm_by timestamptz NOT NULL,
    wrong_codes integer NOT NULL DEFAULT 0,
    confirmed_by uuid REFERENCES members,
    confirmed_at timestamptz,
    in_force_at timestamptz,
    CHECK ((status IN ('confirmed', 'in_force')) <= (confirmed_at IS NOT NULL AND in_force_at IS NOT NULL))
);
CREATE UNIQUE INDEX account_changes_one_open ON account_changes (org_id) WHERE status IN ('asked', 'confirmed');
CREATE INDEX account_changes_org ON account_changes (org_id, id DESC);
ALTER TABLE account_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON account_changes USING ((SELECT app_audience()) IN ('system', 'operator') OR org_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON account_changes TO entente_runtime;
