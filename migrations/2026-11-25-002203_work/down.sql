DROP INDEX tasks_assignee_open, tasks_done_by;
ALTER TABLE tasks DROP COLUMN assignee_id, DROP COLUMN done_by;
DROP TABLE case_notes, absences, case_handlers;
