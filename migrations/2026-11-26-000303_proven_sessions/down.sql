ALTER TABLE refresh_tokens DROP COLUMN proven_at;
ALTER TABLE portal_sessions DROP COLUMN proven_at;
