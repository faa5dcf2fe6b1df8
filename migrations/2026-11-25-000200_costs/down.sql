ALTER TABLE allocations DROP CONSTRAINT allocations_part_check;
ALTER TABLE allocations ADD CONSTRAINT allocations_part_check CHECK (part IN ('compensation', 'interest', 'principal'));
ALTER TABLE receivables DROP COLUMN costs_paid_minor;
