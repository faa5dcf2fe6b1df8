DROP INDEX engagements_creditor, disputes_creditor, promises_day, receivables_issued, receivables_open, credit_notes_issued,
    prior_payments_received, allocations_reversed, allocations_received;
DROP VIEW receivable_movements;
DROP INDEX cases_waived;
DROP VIEW receivable_waivers;
DROP TABLE principal_reductions;
