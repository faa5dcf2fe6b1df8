DROP TABLE debtor_contacts, debtor_events, debtor_matches;
DROP INDEX debtors_merged, debtors_parent, debtors_match, debtors_creditor;
ALTER TABLE debtors
    DROP COLUMN match_key,
    DROP COLUMN time_zone,
    DROP COLUMN merged_into,
    DROP COLUMN parent_id;
