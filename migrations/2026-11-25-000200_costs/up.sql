-- Costs of collection (the Dutch scale, an agreed Belgian penalty) are a part of a claim beside principal, interest and the fixed
-- sum: what was paid of them is kept with the receivable that was due first.
ALTER TABLE receivables ADD COLUMN costs_paid_minor bigint NOT NULL DEFAULT 0 CHECK (costs_paid_minor >= 0);
ALTER TABLE allocations DROP CONSTRAINT allocations_part_check;
ALTER TABLE allocations ADD CONSTRAINT allocations_part_check CHECK (part IN ('costs', 'compensation', 'interest', 'principal'));
