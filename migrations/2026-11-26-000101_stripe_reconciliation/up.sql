-- The daily run holds the ledger's Stripe account against what payments come to, and against Stripe's own list of movements.
ALTER TABLE reconciliation_differences DROP CONSTRAINT reconciliation_differences_kind_check;
ALTER TABLE reconciliation_differences ADD CONSTRAINT reconciliation_differences_kind_check CHECK (kind IN
    ('books', 'cash', 'suspense', 'stripe', 'stripe_balance', 'unproven_payment', 'unproven_payout', 'unexplained_entry', 'overdue_payout')) NOT VALID;
