-- Questions of agencies about a listing and their creditor's answers: for every bidder, and nobody's.
-- Only what is left after scrubbing is ever written. Who asked stands in a table of its own, which neither the creditor
-- nor a rival can read.
CREATE TABLE listing_questions (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings,
    question text NOT NULL,
    answer text,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    CONSTRAINT listing_questions_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX listing_questions_listing ON listing_questions (listing_id, id);

CREATE TABLE listing_question_authors (
    question_id uuid PRIMARY KEY REFERENCES listing_questions,
    agency_id uuid NOT NULL REFERENCES organisations
);

ALTER TABLE listing_questions ENABLE ROW LEVEL SECURITY;
ALTER TABLE listing_question_authors ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_authorship ON listing_question_authors USING (
    (SELECT app_audience()) IN ('system', 'operator') OR agency_id = (SELECT app_org()));
-- Answered: whoever sees the listing. Not answered: its creditor, and the agency that asked.
CREATE POLICY asker_and_answered ON listing_questions USING (
    (SELECT app_audience()) IN ('system', 'operator')
    OR ((SELECT app_audience()) = 'creditor'
        AND EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = listing_questions.listing_id))
    OR ((SELECT app_audience()) = 'agency' AND EXISTS (SELECT FROM listings WHERE listings.id = listing_questions.listing_id)
        AND (answer IS NOT NULL OR EXISTS (SELECT FROM listing_question_authors author
                                           WHERE author.question_id = listing_questions.id))));
GRANT SELECT, INSERT, UPDATE ON listing_questions TO entente_runtime;
GRANT SELECT, INSERT ON listing_question_authors TO entente_runtime;
