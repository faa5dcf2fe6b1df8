ALTER TABLE listings DROP CONSTRAINT listings_condition, DROP CONSTRAINT listings_award_rule_check;
UPDATE listings SET award_rule = CASE WHEN award_condition IS NULL THEN 'best_ranked' ELSE 'by_condition' END WHERE award_rule = 'assign';
ALTER TABLE listings ADD CONSTRAINT listings_award_rule_check CHECK (award_rule IN ('by_hand', 'best_ranked', 'by_condition')),
    ADD CONSTRAINT listings_condition CHECK ((award_rule = 'by_condition') = (award_condition IS NOT NULL));
ALTER TABLE agency_profiles DROP COLUMN takes_assignments;
