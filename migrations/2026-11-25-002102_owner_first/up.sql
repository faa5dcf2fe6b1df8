-- Whoever speaks with a customer is asked before anybody else writes to them.
ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
ALTER TABLE tasks ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('call', 'review', 'approval', 'owner'));
CREATE INDEX tasks_owner ON tasks (case_id) WHERE kind = 'owner';
