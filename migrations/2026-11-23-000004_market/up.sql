-- The anonymous card of a case. It names neither creditor nor debtor nor case: the link stands in listing_owners,
-- which agencies cannot read.
CREATE TABLE listings (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('open', 'deciding', 'awarded', 'withdrawn', 'expired')),
    round integer NOT NULL,
    country text NOT NULL,
    region text,
    sector text,
    debtor_kind text NOT NULL,
    currency text NOT NULL,
    amount_band text NOT NULL,
    age_band text NOT NULL,
    invoice_count integer NOT NULL,
    documents text[] NOT NULL,
    disputed boolean NOT NULL,
    tone_ceiling text NOT NULL,
    take_now_bp integer NOT NULL,
    price jsonb NOT NULL,
    work_summary jsonb,
    award_rule text NOT NULL CHECK (award_rule IN ('by_hand', 'best_ranked')),
    offer_count integer NOT NULL DEFAULT 0,
    offers_until timestamptz NOT NULL,
    decide_by timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX listings_open ON listings (id DESC) WHERE status = 'open';
COMMENT ON COLUMN listings.status IS 'deciding: the deadline has passed, offers are ranked, the creditor chooses until decide_by';
COMMENT ON COLUMN listings.price IS 'Take-now price: model version and each input''s contribution in basis points, frozen when listed';

CREATE TABLE listing_owners (
    listing_id uuid PRIMARY KEY REFERENCES listings,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL REFERENCES organisations
);
CREATE INDEX listing_owners_case ON listing_owners (case_id);
CREATE INDEX listing_owners_creditor ON listing_owners (creditor_id, listing_id DESC);

-- An agency's sealed bid. Before the deadline it is readable by that agency and the system alone.
-- sealed → ranked at the deadline → awarded or lost; withdrawn by its agency; void: never opened, because the case left the
-- market before the deadline. A void offer stays under seal, so that nobody lists, peeks and lists again.
CREATE TABLE offers (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings,
    agency_id uuid NOT NULL REFERENCES organisations,
    fee_bp integer NOT NULL CHECK (fee_bp BETWEEN 0 AND 5000),
    first_contact_hours integer NOT NULL CHECK (first_contact_hours BETWEEN 1 AND 240),
    update_every_days integer NOT NULL CHECK (update_every_days BETWEEN 1 AND 60),
    tone text NOT NULL CHECK (tone IN ('gentle', 'neutral', 'firm')),
    status text NOT NULL CHECK (status IN ('sealed', 'withdrawn', 'void', 'ranked', 'awarded', 'lost')),
    rank integer,
    reason text,
    ranking jsonb,
    submitted_at timestamptz NOT NULL,
    decided_at timestamptz
);
CREATE UNIQUE INDEX offers_one_per_agency ON offers (listing_id, agency_id) WHERE status <> 'withdrawn';
CREATE UNIQUE INDEX offers_one_awarded ON offers (listing_id) WHERE status = 'awarded';
CREATE INDEX offers_agency ON offers (agency_id, id DESC);

-- The contract creditor and agency sign for a case.
CREATE TABLE mandates (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    listing_id uuid NOT NULL REFERENCES listings,
    offer_id uuid REFERENCES offers,
    creditor_id uuid NOT NULL REFERENCES organisations,
    agency_id uuid NOT NULL REFERENCES organisations,
    fee_bp integer NOT NULL,
    first_contact_hours integer NOT NULL,
    update_every_days integer NOT NULL,
    tone text NOT NULL,
    language text NOT NULL,
    document_id uuid NOT NULL REFERENCES documents,
    document_sha256 bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('to_sign', 'signed', 'declined', 'lapsed')),
    sign_by timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX mandates_one_open ON mandates (case_id) WHERE status = 'to_sign';
CREATE UNIQUE INDEX mandates_one_per_listing ON mandates (listing_id);
CREATE INDEX mandates_creditor ON mandates (creditor_id, id DESC);
CREATE INDEX mandates_agency ON mandates (agency_id, id DESC);
COMMENT ON COLUMN mandates.offer_id IS 'NULL: taken at the posted price';

CREATE TABLE mandate_signatures (
    mandate_id uuid NOT NULL REFERENCES mandates,
    party text NOT NULL CHECK (party IN ('creditor', 'agency')),
    member_id uuid NOT NULL REFERENCES members,
    full_name text NOT NULL,
    document_sha256 bytea NOT NULL,
    address text NOT NULL,
    user_agent text NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT mandate_signatures_pkey PRIMARY KEY (mandate_id, party)
);

-- The period during which an agency holds a case.
CREATE TABLE engagements (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    creditor_id uuid NOT NULL REFERENCES organisations,
    agency_id uuid NOT NULL REFERENCES organisations,
    mandate_id uuid NOT NULL REFERENCES mandates,
    fee_bp integer NOT NULL,
    tone text NOT NULL,
    started_at timestamptz NOT NULL,
    first_contact_due_at timestamptz NOT NULL,
    update_every_days integer NOT NULL,
    idle_warned_at timestamptz,
    ended_at timestamptz,
    end_reason text CHECK (end_reason IN ('closed', 'returned', 'recalled', 'idle')),
    end_note text
);
CREATE UNIQUE INDEX engagements_one_running ON engagements (case_id) WHERE ended_at IS NULL;
CREATE INDEX engagements_agency ON engagements (agency_id, id DESC);

ALTER TABLE listings ENABLE ROW LEVEL SECURITY;
ALTER TABLE listing_owners ENABLE ROW LEVEL SECURITY;
ALTER TABLE offers ENABLE ROW LEVEL SECURITY;
ALTER TABLE mandates ENABLE ROW LEVEL SECURITY;
ALTER TABLE mandate_signatures ENABLE ROW LEVEL SECURITY;
ALTER TABLE engagements ENABLE ROW LEVEL SECURITY;
CREATE POLICY owners ON listing_owners USING ((SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()));
CREATE POLICY market_and_owner ON listings USING (
    (SELECT app_audience()) IN ('system', 'operator')
    OR ((SELECT app_audience()) = 'agency' AND (status = 'open'
        OR EXISTS (SELECT FROM offers WHERE offers.listing_id = listings.id)
        OR EXISTS (SELECT FROM mandates WHERE mandates.listing_id = listings.id)))
    OR EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = listings.id));
-- A card is written before the row that says whose it is.
CREATE POLICY posting ON listings FOR INSERT WITH CHECK ((SELECT app_audience()) = 'creditor');
-- A sealed or void offer: its agency and the system. A ranked one: the creditor too. A decided one: the operator too.
CREATE POLICY sealed ON offers USING (
    (SELECT app_audience()) = 'system' OR agency_id = (SELECT app_org())
    OR (status IN ('awarded', 'lost') AND (SELECT app_audience()) = 'operator')
    OR (status IN ('ranked', 'awarded', 'lost') AND (SELECT app_audience()) = 'creditor'
        AND EXISTS (SELECT FROM listing_owners WHERE listing_owners.listing_id = offers.listing_id)));
-- Once offers are opened the creditor reads who made them.
CREATE POLICY bidders ON organisations FOR SELECT USING (
    (SELECT app_audience()) = 'creditor' AND EXISTS (SELECT FROM offers WHERE offers.agency_id = organisations.id));
CREATE POLICY parties ON mandates USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()) OR agency_id = (SELECT app_org()));
CREATE POLICY parties ON engagements USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org()) OR agency_id = (SELECT app_org()));
CREATE POLICY parties ON mandate_signatures USING (EXISTS (SELECT FROM mandates WHERE mandates.id = mandate_signatures.mandate_id));
GRANT SELECT, INSERT, UPDATE ON listings, offers, mandates, engagements TO entente_runtime;
GRANT SELECT, INSERT ON listing_owners, mandate_signatures TO entente_runtime;
