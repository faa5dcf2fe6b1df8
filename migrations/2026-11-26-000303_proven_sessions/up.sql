-- When somebody last showed who they are (a password, and a code where one is set up), beside when their session began: money
-- and bank details ask for it to be lately.
ALTER TABLE portal_sessions ADD COLUMN proven_at timestamptz;
UPDATE portal_sessions SET proven_at = started_at;
ALTER TABLE portal_sessions ALTER COLUMN proven_at SET NOT NULL;
ALTER TABLE refresh_tokens ADD COLUMN proven_at timestamptz;
UPDATE refresh_tokens SET proven_at = issued_at;
ALTER TABLE refresh_tokens ALTER COLUMN proven_at SET NOT NULL;
