-- An invoice is more than one sum on one day: it is credited, falls due in parts, was paid in part and reminded of before
-- it came to us. Each of these is dated, because interest and evidence depend on the day.
ALTER TABLE receivables
    ADD COLUMN credited_minor bigint NOT NULL DEFAULT 0 CHECK (credited_minor >= 0),
    ADD COLUMN vat_minor bigint CHECK (vat_minor >= 0),
    ADD COLUMN delivery_note text,
    ADD COLUMN delivered_on date,
    ADD COLUMN upload_id uuid;
ALTER TABLE receivables DROP CONSTRAINT receivables_not_overpaid;
ALTER TABLE receivables ADD CONSTRAINT receivables_not_overpaid
    CHECK (principal_paid_minor >= 0 AND credited_minor + principal_paid_minor <= principal_minor);
COMMENT ON COLUMN receivables.credited_minor IS 'Sum of credit_notes.applied_minor that are not cancelled: what is owed is principal less credited less paid';
COMMENT ON COLUMN receivables.vat_minor IS 'The VAT that principal_minor includes, where the invoice says so';
COMMENT ON COLUMN receivables.upload_id IS 'The upload it came in. No foreign key: an invoice outlives the record of its file';

-- A creditor's customers and files are found by what hangs on them.
CREATE INDEX receivables_debtor ON receivables (creditor_id, debtor_id, id);

CREATE TABLE credit_notes (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    receivable_id uuid REFERENCES receivables,
    issuer text NOT NULL,
    number text NOT NULL,
    credited_number text,
    issued_on date NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    applied_minor bigint NOT NULL DEFAULT 0 CHECK (applied_minor BETWEEN 0 AND amount_minor),
    cancelled_on date,
    upload_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT credit_notes_number_unique UNIQUE (creditor_id, issuer, number),
    CHECK (receivable_id IS NOT NULL OR applied_minor = 0)
);
CREATE INDEX credit_notes_receivable ON credit_notes (receivable_id) WHERE receivable_id IS NOT NULL;
CREATE INDEX credit_notes_waiting ON credit_notes (creditor_id, issuer, credited_number) WHERE receivable_id IS NULL;
COMMENT ON COLUMN credit_notes.receivable_id IS 'Null while the invoice it credits has not come in: it is applied when that does';
COMMENT ON COLUMN credit_notes.applied_minor IS 'What it took off the principal: at most what was open. The rest is the creditor''s to give back';
COMMENT ON COLUMN credit_notes.cancelled_on IS 'A cancelled credit counts as never given: the invoice is owed, and chased, again';

-- Parts of an invoice with a due day each. No rows: the whole is due on receivables.due_on.
CREATE TABLE instalment_terms (
    receivable_id uuid NOT NULL REFERENCES receivables,
    creditor_id uuid NOT NULL,
    due_on date NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (receivable_id, due_on)
);
COMMENT ON TABLE instalment_terms IS 'Agreed with the invoice; they sum to its principal. Interest runs on each from its own day (Ley 3/2004 art. 6)';

-- What the debtor paid the creditor before the invoice came to us; part of receivables.principal_paid_minor.
CREATE TABLE prior_payments (
    receivable_id uuid NOT NULL REFERENCES receivables,
    creditor_id uuid NOT NULL,
    received_on date NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (receivable_id, received_on)
);

-- Reminders the creditor sent by itself: evidence of default, and of what the customer has been told already.
CREATE TABLE prior_reminders (
    receivable_id uuid NOT NULL REFERENCES receivables,
    creditor_id uuid NOT NULL,
    sent_on date NOT NULL,
    channel text NOT NULL CHECK (channel IN ('mail', 'letter', 'call', 'sms')),
    document_id uuid REFERENCES documents,
    PRIMARY KEY (receivable_id, sent_on, channel)
);

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['credit_notes', 'instalment_terms', 'prior_payments', 'prior_reminders'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY with_the_receivable ON %I USING (
            (SELECT app_audience()) IN (''system'', ''operator'') OR creditor_id = (SELECT app_org())
            OR EXISTS (SELECT FROM receivables WHERE receivables.id = %I.receivable_id))', t, t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON credit_notes TO entente_runtime;
GRANT SELECT, INSERT ON instalment_terms, prior_payments, prior_reminders TO entente_runtime;
