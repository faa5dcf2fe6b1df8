DROP TABLE standing_risks;
DELETE FROM alerts WHERE case_id IS NULL;
ALTER TABLE alerts
    DROP COLUMN member_id,
    DROP COLUMN debtor_id,
    ALTER COLUMN case_reference SET NOT NULL,
    ALTER COLUMN case_id SET NOT NULL;
