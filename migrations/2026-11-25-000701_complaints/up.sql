-- Complaints about an agency, by the creditor or by the debtor it was to recover from. They count in the agency's score.
-- to_answer → to_decide (answered, or the time to answer is over) → upheld or dismissed; withdrawn before that.
CREATE TABLE complaints (
    id uuid PRIMARY KEY,
    engagement_id uuid NOT NULL REFERENCES engagements,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL REFERENCES organisations,
    agency_id uuid NOT NULL REFERENCES organisations,
    complainant text NOT NULL CHECK (complainant IN ('creditor', 'debtor')),
    ground text NOT NULL,
    statement text NOT NULL,
    evidence jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('to_answer', 'to_decide', 'upheld', 'dismissed', 'withdrawn')),
    answer text,
    answer_evidence jsonb,
    severity text CHECK (severity IN ('minor', 'serious', 'grave')),
    decision_note text,
    filed_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    answered_at timestamptz,
    decide_by timestamptz NOT NULL,
    decided_at timestamptz,
    CONSTRAINT complaints_severity CHECK ((status = 'upheld') = (severity IS NOT NULL)),
    CONSTRAINT complaints_decided CHECK ((status IN ('upheld', 'dismissed')) = (decision_note IS NOT NULL))
);
CREATE UNIQUE INDEX complaints_one_open ON complaints (engagement_id, complainant, ground) WHERE status IN ('to_answer', 'to_decide');
CREATE INDEX complaints_creditor ON complaints (creditor_id, id DESC);
CREATE INDEX complaints_agency ON complaints (agency_id, id DESC);
CREATE INDEX complaints_upheld ON complaints (engagement_id) WHERE status = 'upheld';
COMMENT ON COLUMN complaints.evidence IS 'Lines of the case''s timeline and documents that its writer can read, by number and id';

ALTER TABLE complaints ENABLE ROW LEVEL SECURITY;
CREATE POLICY parties ON complaints USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()) OR agency_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON complaints TO entente_runtime;
