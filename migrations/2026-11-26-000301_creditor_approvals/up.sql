-- A creditor may want to read, and say yes to, every text that is sent to a customer in its name, also by an agency.
ALTER TABLE relationship_profiles ADD COLUMN approves_texts boolean NOT NULL DEFAULT false;
ALTER TABLE profile_defaults ADD COLUMN approves_texts boolean NOT NULL DEFAULT false;
-- What a step says by its other channel is another text.
ALTER TABLE tasks ADD COLUMN of_fallback boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN tasks.of_fallback IS 'Whether a yes is asked for the step''s other channel';
