-- An objection may be about a part: the rest is asked for meanwhile. Both sides have a term to answer in, and what holds
-- where one of them lets it pass is fixed beforehand.
ALTER TABLE receivables ADD COLUMN disputed_minor bigint NOT NULL DEFAULT 0 CHECK (disputed_minor >= 0);
COMMENT ON COLUMN receivables.disputed_minor IS 'Sum of dispute_parts of open disputes: neither it nor interest on it is asked for';

ALTER TABLE disputes
    ALTER COLUMN hold_id DROP NOT NULL,
    ADD COLUMN awaited text NOT NULL DEFAULT 'creditor' CHECK (awaited IN ('creditor', 'debtor')),
    ADD COLUMN answer_by timestamptz,
    ADD COLUMN by_default boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN disputes.hold_id IS 'Null while something undisputed is asked for: contact goes on about that';
COMMENT ON COLUMN disputes.answer_by IS 'When silence decides; NULL: opened before there were terms';
COMMENT ON COLUMN disputes.by_default IS 'Nobody decided: the side that was awaited let its term pass';

CREATE TABLE dispute_parts (
    dispute_id uuid NOT NULL REFERENCES disputes,
    receivable_id uuid NOT NULL REFERENCES receivables,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (dispute_id, receivable_id)
);
CREATE INDEX dispute_parts_case ON dispute_parts (case_id);
COMMENT ON TABLE dispute_parts IS 'What of the principal a dispute is about. No rows: the whole claim, and contact rests';

CREATE TABLE dispute_evidence (
    id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES disputes,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL,
    item text NOT NULL CHECK (item IN ('payment_proof', 'defect_report', 'agreed_price', 'order', 'delivery_proof')),
    statement text NOT NULL,
    document_id uuid REFERENCES documents,
    given_at timestamptz NOT NULL
);
CREATE INDEX dispute_evidence_case ON dispute_evidence (case_id);

ALTER TABLE dispute_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispute_evidence ENABLE ROW LEVEL SECURITY;
CREATE POLICY parties_of_the_case ON dispute_parts USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.id = dispute_parts.case_id));
CREATE POLICY parties_of_the_case ON dispute_evidence USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM cases WHERE cases.id = dispute_evidence.case_id));
GRANT SELECT, INSERT ON dispute_parts, dispute_evidence TO entente_runtime;
