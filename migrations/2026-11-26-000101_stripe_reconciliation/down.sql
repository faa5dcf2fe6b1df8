ALTER TABLE reconciliation_differences DROP CONSTRAINT reconciliation_differences_kind_check;
ALTER TABLE reconciliation_differences ADD CONSTRAINT reconciliation_differences_kind_check CHECK (kind IN
    ('books', 'cash', 'suspense', 'unproven_payment', 'unproven_payout', 'unexplained_entry', 'overdue_payout')) NOT VALID;
