-- Limitation: what began the time of a debt anew, as its creditor can prove it; and when each case is looked at for its last day.
CREATE TABLE interruptions (
    receivable_id uuid NOT NULL REFERENCES receivables,
    creditor_id uuid NOT NULL REFERENCES organisations,
    kind text NOT NULL CHECK (kind IN ('court', 'written_demand', 'acknowledgement')),
    interrupted_on date NOT NULL,
    evidence text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT interruptions_once PRIMARY KEY (receivable_id, interrupted_on, kind)
);
COMMENT ON COLUMN interruptions.evidence IS 'How it can be proven: a number of a registered letter, a docket, a mail';
ALTER TABLE interruptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY parties_of_the_receivable ON interruptions USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM receivables WHERE receivables.id = interruptions.receivable_id));
GRANT SELECT, INSERT ON interruptions TO entente_runtime;

ALTER TABLE cases ADD COLUMN limitation_look_on date;
COMMENT ON COLUMN cases.limitation_look_on IS 'When the time bar is looked at; null until it was reckoned for the first time';
-- No law knows less than two years, and everybody is warned 90 days before: nothing is looked at within the first 640 days.
CREATE INDEX cases_limitation ON cases ((coalesce(limitation_look_on, oldest_due_on + 640))) WHERE phase <> 'closed';
