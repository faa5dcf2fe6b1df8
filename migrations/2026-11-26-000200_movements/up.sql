-- What is owed can be told as of any past day: from what is open now, by taking back what has moved since. Everything that moves
-- the open principal is dated already, but for what a settled dispute took off it: that gets a row of its own.
CREATE TABLE principal_reductions (
    receivable_id uuid NOT NULL REFERENCES receivables,
    reduced_on date NOT NULL,
    creditor_id uuid NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (receivable_id, reduced_on)
);
CREATE INDEX principal_reductions_day ON principal_reductions (creditor_id, reduced_on);
ALTER TABLE principal_reductions ENABLE ROW LEVEL SECURITY;
CREATE POLICY with_the_receivable ON principal_reductions USING (
    (SELECT app_audience()) IN ('system', 'operator') OR creditor_id = (SELECT app_org())
    OR EXISTS (SELECT FROM receivables WHERE receivables.id = principal_reductions.receivable_id));
GRANT SELECT, INSERT, UPDATE ON principal_reductions TO entente_runtime;

-- A case that ended settled or invalid asks for nothing more, though its invoices were not paid in full: what was left is owed no
-- more from that day on. receivables.open_minor keeps it, because a payment that bounces opens the case again.
CREATE VIEW receivable_waivers WITH (security_invoker = true) AS
    SELECT r.creditor_id, r.id AS receivable_id, (c.closed_at AT TIME ZONE 'UTC')::date AS moved_on, -r.open_minor AS amount_minor
    FROM cases c JOIN receivables r ON r.case_id = c.id AND r.creditor_id = c.creditor_id
    WHERE c.outcome IN ('settled', 'invalid') AND r.open_minor > 0;
GRANT SELECT ON receivable_waivers TO entente_runtime;
CREATE INDEX cases_waived ON cases (creditor_id) WHERE outcome IN ('settled', 'invalid');

-- One line for each change of what is owed after the invoice: as issued, it and its lines sum to open_minor less what was waived.
-- A payment that was taken back is two lines. Both views read under the policies of whoever asks.
CREATE VIEW receivable_movements WITH (security_invoker = true) AS
    SELECT creditor_id, receivable_id, received_on AS moved_on, -amount_minor AS amount_minor,
        CASE WHEN reversed_on IS NULL THEN 'payment' ELSE 'returned' END AS kind
    FROM allocations WHERE part = 'principal'
    UNION ALL
    SELECT creditor_id, receivable_id, reversed_on, amount_minor, 'reversal' FROM allocations
    WHERE part = 'principal' AND reversed_on IS NOT NULL
    UNION ALL
    SELECT creditor_id, receivable_id, received_on, -amount_minor, 'payment' FROM prior_payments
    UNION ALL
    SELECT creditor_id, receivable_id, issued_on, -applied_minor, 'credit' FROM credit_notes WHERE applied_minor > 0
    UNION ALL
    SELECT creditor_id, receivable_id, reduced_on, -amount_minor, 'reduction' FROM principal_reductions
    UNION ALL
    SELECT creditor_id, receivable_id, moved_on, amount_minor, 'waiver' FROM receivable_waivers;
GRANT SELECT ON receivable_movements TO entente_runtime;

-- Reports read a creditor's movements of some days, what is open, and what was invoiced, each from its index alone: the last
-- columns are there for the sums and for the policy.
CREATE INDEX allocations_received ON allocations (creditor_id, received_on) WHERE part = 'principal';
CREATE INDEX allocations_reversed ON allocations (creditor_id, reversed_on) WHERE reversed_on IS NOT NULL;
CREATE INDEX prior_payments_received ON prior_payments (creditor_id, received_on);
CREATE INDEX credit_notes_issued ON credit_notes (creditor_id, issued_on) WHERE applied_minor > 0;
CREATE INDEX receivables_open ON receivables (creditor_id, due_on) INCLUDE (issued_on, currency, open_minor, case_id) WHERE open_minor > 0;
CREATE INDEX receivables_issued ON receivables (creditor_id, issued_on) INCLUDE (currency, principal_minor, case_id);
CREATE INDEX promises_day ON promises (creditor_id, promised_on);
CREATE INDEX disputes_creditor ON disputes (creditor_id, opened_at);
CREATE INDEX engagements_creditor ON engagements (creditor_id, started_at);
