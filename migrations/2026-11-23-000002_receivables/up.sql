-- The creditor's customers, what may be done to them, and the invoices they owe.
CREATE TABLE debtors (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    kind text NOT NULL CHECK (kind IN ('business', 'consumer', 'public')),
    legal_name text NOT NULL,
    identity_key text NOT NULL,
    tax_number text,
    sector text,
    country text NOT NULL,
    language text NOT NULL,
    email text,
    phone text,
    street text,
    postal_code text,
    city text,
    created_at timestamptz NOT NULL,
    CONSTRAINT debtors_identity_unique UNIQUE (creditor_id, identity_key)
);
COMMENT ON COLUMN debtors.identity_key IS 'Tax number where there is one, else name and postal code: what makes two rows one customer';

-- What the creditor allows to be done to this customer. No row: the defaults of receivables::profile.
CREATE TABLE relationship_profiles (
    debtor_id uuid PRIMARY KEY REFERENCES debtors,
    creditor_id uuid NOT NULL REFERENCES organisations,
    tone_ceiling text NOT NULL CHECK (tone_ceiling IN ('gentle', 'neutral', 'firm')),
    channels text[] NOT NULL,
    do_not_contact boolean NOT NULL,
    contact_from time NOT NULL,
    contact_until time NOT NULL,
    account_owner_id uuid REFERENCES members,
    version integer NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (contact_until > contact_from)
);

CREATE TABLE intakes (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    format text NOT NULL CHECK (format IN ('json', 'csv', 'ubl')),
    file_name text,
    content_sha256 bytea NOT NULL,
    accepted integer NOT NULL,
    known integer NOT NULL,
    refused integer NOT NULL,
    rows jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX intakes_creditor ON intakes (creditor_id, id DESC);

-- PDFs and the files they stand on. Content is addressed by its hash, so a signature can name what was signed.
CREATE TABLE documents (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    case_id uuid,
    kind text NOT NULL CHECK (kind IN ('invoice', 'mandate', 'letter', 'case_file', 'receipt')),
    media_type text NOT NULL,
    file_name text NOT NULL,
    content bytea NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX documents_case ON documents (case_id) WHERE case_id IS NOT NULL;

-- One invoice as owed. Amounts in minor units of its currency.
CREATE TABLE receivables (
    id uuid PRIMARY KEY,
    creditor_id uuid NOT NULL REFERENCES organisations,
    debtor_id uuid NOT NULL REFERENCES debtors,
    case_id uuid,
    issuer text NOT NULL,
    number text NOT NULL,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    currency text NOT NULL,
    principal_minor bigint NOT NULL CHECK (principal_minor >= 0),
    principal_paid_minor bigint NOT NULL DEFAULT 0,
    interest_paid_minor bigint NOT NULL DEFAULT 0 CHECK (interest_paid_minor >= 0),
    compensation_paid_minor bigint NOT NULL DEFAULT 0 CHECK (compensation_paid_minor >= 0),
    purchase_order text,
    document_id uuid REFERENCES documents,
    created_at timestamptz NOT NULL,
    CONSTRAINT receivables_number_unique UNIQUE (creditor_id, issuer, number),
    CHECK (due_on >= issued_on),
    CONSTRAINT receivables_not_overpaid CHECK (principal_paid_minor BETWEEN 0 AND principal_minor)
);
CREATE INDEX receivables_case ON receivables (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX receivables_creditor ON receivables (creditor_id, id DESC);
CREATE INDEX receivables_document ON receivables (document_id) WHERE document_id IS NOT NULL;
COMMENT ON COLUMN receivables.principal_minor IS 'As invoiced, less what a settled dispute took off it; zero when it took everything';
COMMENT ON COLUMN receivables.document_id IS 'The invoice itself: whoever sees the receivable may see it';
COMMENT ON COLUMN receivables.issuer IS 'Enterprise key of who issued it: normally the creditor, another one for assigned invoices';

ALTER TABLE debtors ENABLE ROW LEVEL SECURITY;
ALTER TABLE relationship_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE intakes ENABLE ROW LEVEL SECURITY;
ALTER TABLE receivables ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY invoices_of_receivables ON documents USING (EXISTS (SELECT FROM receivables WHERE receivables.document_id = documents.id));
CREATE POLICY own_intakes ON intakes USING (app_audience() IN ('system', 'operator') OR creditor_id = app_org());
GRANT SELECT, INSERT, UPDATE ON debtors, relationship_profiles, receivables TO entente_runtime;
GRANT SELECT, INSERT ON intakes, documents TO entente_runtime;
