DROP INDEX cases_limitation;
ALTER TABLE cases DROP COLUMN limitation_due_on;
CREATE INDEX cases_limitation ON cases ((coalesce(limitation_look_on, oldest_due_on + 640))) WHERE phase <> 'closed';
DROP INDEX members_email_unique;
ALTER TABLE members DROP COLUMN email_key;
CREATE UNIQUE INDEX members_email_unique ON members (lower(email));
