-- Evidence rests in the file store, sealed. What a command writes stands in `content` until its job has carried it there.
ALTER TABLE documents
    ADD COLUMN receivable_id uuid REFERENCES receivables,
    ADD COLUMN object_key text,
    ADD COLUMN size_bytes bigint,
    ALTER COLUMN content DROP NOT NULL,
    DROP CONSTRAINT documents_kind_check,
    ADD CONSTRAINT documents_kind_check CHECK (kind IN (
        'invoice', 'mandate', 'letter', 'case_file', 'receipt', 'contract', 'delivery_note', 'reminder', 'other')),
    ADD CONSTRAINT documents_somewhere CHECK (content IS NOT NULL OR object_key IS NOT NULL);
UPDATE documents SET size_bytes = length(content);
CREATE INDEX documents_receivable ON documents (receivable_id) WHERE receivable_id IS NOT NULL;
COMMENT ON COLUMN documents.receivable_id IS 'The invoice that it is evidence for';
COMMENT ON COLUMN documents.object_key IS 'Where it rests in the file store; content is null from then on';
GRANT UPDATE (content, object_key) ON documents TO entente_runtime;

CREATE POLICY evidence_of_receivables ON documents USING (
    receivable_id IS NOT NULL AND EXISTS (SELECT FROM receivables WHERE receivables.id = documents.receivable_id));
-- Being chosen is not enough: an agency reads evidence once the mandate is signed by both, and afterwards.
CREATE POLICY evidence_after_the_mandate ON documents AS RESTRICTIVE FOR SELECT USING (
    (SELECT app_audience()) IS DISTINCT FROM 'agency'
    OR kind IN ('mandate', 'letter', 'case_file', 'receipt')
    OR EXISTS (SELECT FROM receivables r JOIN cases c ON c.id = r.case_id
        WHERE (r.document_id = documents.id OR r.id = documents.receivable_id) AND (c.phase = 'active' OR c.closed_from = 'active'))
    OR EXISTS (SELECT FROM cases c WHERE c.id = documents.case_id AND (c.phase = 'active' OR c.closed_from = 'active')));
