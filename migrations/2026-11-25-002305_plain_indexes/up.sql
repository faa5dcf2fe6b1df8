-- As with receivables before: under row-level security an index on an expression is never searched, so each log-in read all
-- members and each look for a case that runs out of time read all cases.
ALTER TABLE members ADD COLUMN email_key text NOT NULL GENERATED ALWAYS AS (lower(email)) STORED;
DROP INDEX members_email_unique;
CREATE UNIQUE INDEX members_email_unique ON members (email_key);
COMMENT ON COLUMN members.email_key IS 'The address as it is compared: in lower case';

-- The first look is 90 days before the shortest limitation there is, two years.
ALTER TABLE cases ADD COLUMN limitation_due_on date GENERATED ALWAYS AS (coalesce(limitation_look_on, oldest_due_on + 640)) STORED;
DROP INDEX cases_limitation;
CREATE INDEX cases_limitation ON cases (limitation_due_on) WHERE phase <> 'closed';
COMMENT ON COLUMN cases.limitation_due_on IS 'The day from which the time bar is to be looked at';
