-- Who works on what: the person who handles a case in each organisation, deputies, tasks given by people, notes of one's own.
CREATE TABLE case_handlers (
    case_id uuid NOT NULL REFERENCES cases,
    org_id uuid NOT NULL REFERENCES organisations,
    member_id uuid NOT NULL REFERENCES members,
    since timestamptz NOT NULL,
    PRIMARY KEY (case_id, org_id)
);
CREATE INDEX case_handlers_member ON case_handlers (member_id);
COMMENT ON TABLE case_handlers IS 'What is asked of an organisation about a case is asked of this person';

CREATE TABLE absences (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisations,
    member_id uuid NOT NULL REFERENCES members,
    deputy_id uuid NOT NULL REFERENCES members,
    from_on date NOT NULL,
    until_on date NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK (until_on >= from_on),
    CHECK (deputy_id <> member_id)
);
CREATE INDEX absences_member ON absences (member_id, until_on);
CREATE INDEX absences_deputy ON absences (deputy_id, until_on);
COMMENT ON TABLE absences IS 'No deputy is away at the same time: work is passed on once';

CREATE TABLE case_notes (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    org_id uuid NOT NULL REFERENCES organisations,
    member_id uuid REFERENCES members,
    text text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX case_notes_case ON case_notes (case_id, org_id, id);
COMMENT ON TABLE case_notes IS 'An organisation''s own: neither the other side of an engagement nor a later agency reads them';

ALTER TABLE tasks ADD COLUMN assignee_id uuid REFERENCES members, ADD COLUMN done_by uuid REFERENCES members;
CREATE INDEX tasks_assignee_open ON tasks (assignee_id, due_at) WHERE status = 'open';
CREATE INDEX tasks_done_by ON tasks (done_by, done_at) WHERE status = 'done';

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['case_handlers', 'absences', 'case_notes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own ON %I USING ((SELECT app_audience()) = ''system'' OR org_id = (SELECT app_org()))', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON case_handlers, absences TO entente_runtime;
GRANT SELECT, INSERT ON case_notes TO entente_runtime;
