-- Files of invoices on their way in: spooled, then taken batch by batch by a job. The row of an upload says how far it got, in
-- the transaction of each batch, so that whoever goes on after a kill repeats nothing and leaves nothing out.
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    status text NOT NULL CHECK (status IN ('queued', 'taking', 'previewed', 'done', 'cancelled')),
    options jsonb NOT NULL,
    content_sha256 bytea NOT NULL,
    file_count integer NOT NULL CHECK (file_count > 0),
    size_bytes bigint NOT NULL,
    next_file integer NOT NULL DEFAULT 1,
    next_row integer NOT NULL DEFAULT 0,
    batches integer NOT NULL DEFAULT 0,
    rows_known integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    known integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0,
    cases_opened integer NOT NULL DEFAULT 0,
    after_debtor uuid,
    after_receivable uuid,
    sample jsonb NOT NULL DEFAULT '[]',
    actor_kind text NOT NULL,
    actor_id uuid,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX uploads_creditor ON uploads (creditor_id, id DESC);
-- The same files sent again, with the same options, are the same upload.
CREATE UNIQUE INDEX uploads_content_unique ON uploads (creditor_id, content_sha256) WHERE status <> 'cancelled';
COMMENT ON COLUMN uploads.next_row IS 'Rows of file next_file that have been answered';
COMMENT ON COLUMN uploads.batches IS 'Parts of the result file that have been written';
COMMENT ON COLUMN uploads.content_sha256 IS 'Over the hashes of the files and the options';
COMMENT ON COLUMN uploads.after_debtor IS 'While cases are opened by debtor: the last invoice that was looked at';

CREATE TABLE upload_files (
    upload_id uuid NOT NULL REFERENCES uploads,
    position integer NOT NULL CHECK (position > 0),
    creditor_id uuid NOT NULL,
    file_name text,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    format text,
    plan jsonb,
    notes jsonb NOT NULL DEFAULT '[]',
    failure_code text,
    failure text,
    PRIMARY KEY (upload_id, position)
);
COMMENT ON COLUMN upload_files.plan IS 'How a list is to be understood, found out by the first reading: see receivables::intake::list';
COMMENT ON COLUMN upload_files.failure IS 'Why the file as a whole was refused; the others go on';

-- What the creditor's own headings mean. A column of NULL: left out on purpose.
CREATE TABLE column_mappings (
    creditor_id uuid NOT NULL REFERENCES organisations,
    heading text NOT NULL,
    meaning text,
    PRIMARY KEY (creditor_id, heading)
);

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['uploads', 'upload_files', 'column_mappings'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own ON %I USING (
            (SELECT app_audience()) IN (''system'', ''operator'') OR creditor_id = (SELECT app_org()))', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON uploads, upload_files TO entente_runtime;
GRANT SELECT, INSERT, DELETE ON column_mappings TO entente_runtime;
