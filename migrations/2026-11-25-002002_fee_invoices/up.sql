-- Every fee and commission has its invoice, and its credit note where the payment was taken back. Numbers run without a gap
-- per issuer, kind and year: the number is taken in the transaction that writes the invoice, or not at all.
CREATE TABLE fee_invoice_numbers (
    issuer_id uuid NOT NULL REFERENCES organisations,
    kind text NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    year integer NOT NULL,
    last integer NOT NULL,
    CONSTRAINT fee_invoice_numbers_key PRIMARY KEY (issuer_id, kind, year)
);

CREATE TABLE fee_invoices (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    issuer_id uuid NOT NULL REFERENCES organisations,
    recipient_id uuid NOT NULL REFERENCES organisations,
    year integer NOT NULL,
    seq integer NOT NULL CHECK (seq > 0),
    fee_id uuid NOT NULL REFERENCES fees,
    corrects_id uuid REFERENCES fee_invoices,
    issued_on date NOT NULL,
    issuer jsonb NOT NULL,
    recipient jsonb NOT NULL,
    language text NOT NULL,
    case_reference text NOT NULL,
    CONSTRAINT fee_invoices_number UNIQUE (issuer_id, kind, year, seq),
    CONSTRAINT fee_invoices_once UNIQUE (fee_id, kind),
    CHECK ((kind = 'credit_note') = (corrects_id IS NOT NULL))
);
CREATE INDEX fee_invoices_issuer ON fee_invoices (issuer_id, id DESC);
CREATE INDEX fee_invoices_recipient ON fee_invoices (recipient_id, id DESC);
COMMENT ON COLUMN fee_invoices.issuer IS 'Name, numbers and address as they were that day: an invoice never changes';

ALTER TABLE fee_invoice_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE fee_invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY system ON fee_invoice_numbers USING ((SELECT app_audience()) = 'system');
CREATE POLICY parties ON fee_invoices USING (
    (SELECT app_audience()) IN ('system', 'operator') OR issuer_id = (SELECT app_org()) OR recipient_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON fee_invoice_numbers TO entente_runtime;
GRANT SELECT, INSERT ON fee_invoices TO entente_runtime;
