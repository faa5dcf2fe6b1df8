-- What a creditor allows to be done to a class of customers, where it has said nothing of one of them.
CREATE TABLE profile_defaults (
    creditor_id uuid NOT NULL REFERENCES organisations,
    debtor_kind text NOT NULL CHECK (debtor_kind IN ('business', 'consumer', 'public')),
    tone_ceiling text NOT NULL CHECK (tone_ceiling IN ('gentle', 'neutral', 'firm')),
    channels text[] NOT NULL,
    do_not_contact boolean NOT NULL,
    contact_from time NOT NULL,
    contact_until time NOT NULL,
    account_owner_id uuid REFERENCES members,
    version integer NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (creditor_id, debtor_kind),
    CHECK (contact_until > contact_from)
);
ALTER TABLE profile_defaults ENABLE ROW LEVEL SECURITY;
-- Whoever sees a customer may know what holds for its class.
CREATE POLICY creditor_and_parties ON profile_defaults USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM debtors WHERE debtors.creditor_id = profile_defaults.creditor_id));
GRANT SELECT, INSERT, UPDATE ON profile_defaults TO entente_runtime;
