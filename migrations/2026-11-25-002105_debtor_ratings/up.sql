-- What debtors say of how an agency treated them, after its engagement: half of a score's treatment.
CREATE TABLE debtor_ratings (
    engagement_id uuid PRIMARY KEY REFERENCES engagements,
    agency_id uuid NOT NULL REFERENCES organisations,
    treatment integer NOT NULL CHECK (treatment BETWEEN 1 AND 5),
    comment text,
    rated_at timestamptz NOT NULL
);
COMMENT ON COLUMN debtor_ratings.comment IS 'For the operator: an agency that reads it could hold it against a debtor';
ALTER TABLE debtor_ratings ENABLE ROW LEVEL SECURITY;
CREATE POLICY engine ON debtor_ratings USING ((SELECT app_audience()) IN ('system', 'operator'));
GRANT SELECT, INSERT ON debtor_ratings TO entente_runtime;
