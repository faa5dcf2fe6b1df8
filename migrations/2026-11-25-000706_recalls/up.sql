-- What a recalled engagement still earns: a part of its fee, on what comes in soon after the recall.
ALTER TABLE engagements ADD COLUMN recall_ground text, ADD COLUMN recall_fee_bp integer CHECK (recall_fee_bp BETWEEN 0 AND 10000),
    ADD COLUMN recall_fee_until date,
    ADD CONSTRAINT engagements_recalled CHECK ((recall_fee_bp IS NULL) = (recall_fee_until IS NULL));
COMMENT ON COLUMN engagements.recall_fee_bp IS 'Of the agreed fee, pro rata of the days that the agency held the case';
COMMENT ON COLUMN engagements.recall_fee_until IS 'The last day on which what comes in bears it';
-- Who held a case, and holds it, is asked at every payment.
CREATE INDEX engagements_case ON engagements (case_id, id DESC);
