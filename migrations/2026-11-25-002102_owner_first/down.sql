DELETE FROM tasks WHERE kind = 'owner';
ALTER TABLE tasks DROP COLUMN assignee_id;
ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
ALTER TABLE tasks ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('call', 'review', 'approval'));
