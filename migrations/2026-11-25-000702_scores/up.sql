-- Scores of agencies, published per quarter and country with all that they are made of; ratings, and appeals against them.

-- What was promised to be recovered, and what the platform expected: what the real outcome is held against.
ALTER TABLE mandates ADD COLUMN promised_recovery_bp integer CHECK (promised_recovery_bp BETWEEN 0 AND 10000),
    ADD COLUMN expected_recovery_bp integer;
COMMENT ON COLUMN mandates.promised_recovery_bp IS 'By the agency in its offer; NULL: it promised no figure';
COMMENT ON COLUMN mandates.expected_recovery_bp IS 'By the award''s calibrated curve, of the claim';

-- A creditor's rating of an engagement that has ended: once.
CREATE TABLE engagement_ratings (
    engagement_id uuid PRIMARY KEY REFERENCES engagements,
    creditor_id uuid NOT NULL REFERENCES organisations,
    agency_id uuid NOT NULL REFERENCES organisations,
    treatment integer NOT NULL CHECK (treatment BETWEEN 1 AND 5),
    documents integer NOT NULL CHECK (documents BETWEEN 1 AND 5),
    comment text,
    rated_at timestamptz NOT NULL
);
COMMENT ON COLUMN engagement_ratings.treatment IS 'How the customer was treated, 1 to 5';
COMMENT ON COLUMN engagement_ratings.documents IS 'How well the work was documented, 1 to 5';

-- Quarters in which an agency's engagement in a country ended: each has one job that publishes its score.
CREATE TABLE score_quarters (
    agency_id uuid NOT NULL REFERENCES organisations,
    country text NOT NULL,
    quarter date NOT NULL,
    PRIMARY KEY (agency_id, country, quarter)
);
COMMENT ON COLUMN score_quarters.quarter IS 'Its first day';

-- Published scores are kept as they were: one that is corrected is published again under the next version.
CREATE TABLE agency_scores (
    agency_id uuid NOT NULL REFERENCES organisations,
    country text NOT NULL,
    quarter date NOT NULL,
    version integer NOT NULL,
    score_bp integer NOT NULL,
    score jsonb NOT NULL,
    calibration jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (agency_id, country, quarter, version)
);
COMMENT ON COLUMN agency_scores.score IS 'Formula, weights, inputs and values of each component';

-- An agency's objection: one engagement should not count in one component.
CREATE TABLE score_appeals (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES organisations,
    engagement_id uuid NOT NULL REFERENCES engagements,
    component text NOT NULL,
    statement text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'upheld', 'rejected')),
    decision_note text,
    filed_at timestamptz NOT NULL,
    decided_at timestamptz,
    CONSTRAINT score_appeals_once UNIQUE (engagement_id, component),
    CONSTRAINT score_appeals_decided CHECK ((status = 'open') = (decision_note IS NULL))
);
CREATE INDEX score_appeals_agency ON score_appeals (agency_id, id DESC);

ALTER TABLE engagement_ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE score_quarters ENABLE ROW LEVEL SECURITY;
ALTER TABLE agency_scores ENABLE ROW LEVEL SECURITY;
ALTER TABLE score_appeals ENABLE ROW LEVEL SECURITY;
CREATE POLICY parties ON engagement_ratings USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()) OR agency_id = (SELECT app_org()));
CREATE POLICY engine ON score_quarters USING ((SELECT app_audience()) = 'system');
-- Published means: every organisation reads it, the engine alone writes it.
CREATE POLICY published ON agency_scores FOR SELECT USING ((SELECT app_audience()) IN ('system', 'operator', 'creditor', 'agency'));
CREATE POLICY engine ON agency_scores FOR INSERT WITH CHECK ((SELECT app_audience()) = 'system');
CREATE POLICY own ON score_appeals USING ((SELECT app_audience()) IN ('system', 'operator') OR agency_id = (SELECT app_org()));
GRANT SELECT, INSERT ON engagement_ratings, agency_scores TO entente_runtime;
GRANT SELECT, INSERT, UPDATE ON score_quarters, score_appeals TO entente_runtime;
