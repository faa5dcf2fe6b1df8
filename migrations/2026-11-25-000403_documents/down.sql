DROP POLICY evidence_after_the_mandate ON documents;
DROP POLICY evidence_of_receivables ON documents;
REVOKE UPDATE (content, object_key) ON documents FROM entente_runtime;
DROP INDEX documents_receivable;
ALTER TABLE documents
    DROP CONSTRAINT documents_somewhere,
    DROP CONSTRAINT documents_kind_check,
    ALTER COLUMN content SET NOT NULL,
    DROP COLUMN size_bytes,
    DROP COLUMN object_key,
    DROP COLUMN receivable_id,
    ADD CONSTRAINT documents_kind_check CHECK (kind IN ('invoice', 'mandate', 'letter', 'case_file', 'receipt'));
