-- What a creditor lets its debtors agree by themselves, the payment plans they agreed, and debtors who are represented.
CREATE TABLE plan_policies (
    creditor_id uuid PRIMARY KEY REFERENCES organisations,
    instalments_max integer NOT NULL CHECK (instalments_max BETWEEN 0 AND 24),
    least_minor bigint NOT NULL CHECK (least_minor > 0),
    first_within_days integer NOT NULL CHECK (first_within_days BETWEEN 0 AND 60),
    version integer NOT NULL
);
COMMENT ON COLUMN plan_policies.instalments_max IS '0: debtors agree on no plan by themselves';

CREATE TABLE payment_plans (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    hold_id uuid NOT NULL REFERENCES holds,
    currency text NOT NULL,
    due_on date[] NOT NULL,
    amounts_minor bigint[] NOT NULL,
    recovered_before_minor bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'kept', 'broken')),
    agreed_at timestamptz NOT NULL,
    CHECK (cardinality(due_on) = cardinality(amounts_minor) AND cardinality(due_on) >= 2)
);
CREATE UNIQUE INDEX payment_plans_one_running ON payment_plans (case_id) WHERE status = 'running';
COMMENT ON COLUMN payment_plans.recovered_before_minor IS 'What had come in when it was agreed: what comes in beyond it pays the instalments';

ALTER TABLE holds DROP CONSTRAINT holds_kind_check;
ALTER TABLE holds ADD CONSTRAINT holds_kind_check CHECK (kind IN
    ('dispute', 'hardship', 'promise', 'plan', 'payment_in_flight', 'insolvency', 'represented', 'creditor_request'));

ALTER TABLE plan_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_plans ENABLE ROW LEVEL SECURITY;
CREATE POLICY creditor_and_parties ON plan_policies USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.creditor_id = plan_policies.creditor_id));
CREATE POLICY parties_of_the_case ON payment_plans USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.id = payment_plans.case_id));
GRANT SELECT, INSERT, UPDATE ON plan_policies, payment_plans TO entente_runtime;
