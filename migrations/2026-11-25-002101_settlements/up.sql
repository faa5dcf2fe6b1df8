-- Less than is owed, agreed to be enough where it is paid by a day: what a creditor lets others agree in its name, the offers and
-- requests, and what became of them.
CREATE TABLE settlement_policies (
    creditor_id uuid PRIMARY KEY REFERENCES organisations,
    floor_bp integer NOT NULL CHECK (floor_bp BETWEEN 1 AND 10000),
    answer_days integer NOT NULL CHECK (answer_days BETWEEN 1 AND 60),
    pay_within_days integer NOT NULL CHECK (pay_within_days BETWEEN 1 AND 90),
    version integer NOT NULL
);
COMMENT ON COLUMN settlement_policies.floor_bp IS 'Of what is claimed, the least that is agreed to without asking the creditor. No debtor reads it';

CREATE TABLE settlements (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    hold_id uuid REFERENCES holds,
    proposed_by text NOT NULL CHECK (proposed_by IN ('creditor', 'debtor')),
    currency text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    claimed_minor bigint NOT NULL,
    pay_by date NOT NULL,
    answer_by timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'agreed', 'declined', 'expired', 'kept', 'broken')),
    recovered_before_minor bigint NOT NULL DEFAULT 0,
    waived_minor bigint NOT NULL DEFAULT 0,
    proposed_at timestamptz NOT NULL,
    CHECK (amount_minor < claimed_minor)
);
CREATE UNIQUE INDEX settlements_one_at_a_time ON settlements (case_id) WHERE status IN ('open', 'agreed');
CREATE INDEX settlements_case ON settlements (case_id, id);
COMMENT ON COLUMN settlements.recovered_before_minor IS 'What had come in when it was agreed: what comes in beyond it pays the settlement';
COMMENT ON COLUMN settlements.waived_minor IS 'What was still claimed when it was kept, and is owed no more';

ALTER TABLE holds DROP CONSTRAINT holds_kind_check;
ALTER TABLE holds ADD CONSTRAINT holds_kind_check CHECK (kind IN
    ('dispute', 'hardship', 'promise', 'plan', 'settlement', 'payment_in_flight', 'insolvency', 'represented', 'creditor_request'));

ALTER TABLE settlement_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE settlements ENABLE ROW LEVEL SECURITY;
CREATE POLICY creditor_and_parties ON settlement_policies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.creditor_id = settlement_policies.creditor_id));
CREATE POLICY parties_of_the_case ON settlements USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.id = settlements.case_id));
GRANT SELECT, INSERT, UPDATE ON settlement_policies, settlements TO entente_runtime;
