DROP INDEX cases_limitation;
ALTER TABLE cases DROP COLUMN limitation_look_on;
DROP TABLE interruptions;
