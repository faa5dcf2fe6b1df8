-- Whoever speaks with a customer is asked before anybody else writes to them.
ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
ALTER TABLE tasks ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('call', 'review', 'approval', 'owner'));
ALTER TABLE tasks ADD COLUMN assignee_id uuid REFERENCES members;
CREATE INDEX tasks_owner ON tasks (case_id) WHERE kind = 'owner';
COMMENT ON COLUMN tasks.assignee_id IS 'Whom it is meant for; NULL: anybody of the organisation';
