DELETE FROM tasks WHERE kind = 'owner';
DROP INDEX tasks_owner;
ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
ALTER TABLE tasks ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('call', 'review', 'approval'));
