DROP INDEX disputes_open;
DROP TABLE portal_sessions;
