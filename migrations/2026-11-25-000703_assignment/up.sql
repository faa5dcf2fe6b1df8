-- Automatic assignment: a case goes at the posted price to the best agency that has said it takes such cases.
ALTER TABLE agency_profiles ADD COLUMN takes_assignments boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN agency_profiles.takes_assignments IS 'Whether cases may be assigned to it at their posted price; it may still refuse the mandate';
ALTER TABLE listings DROP CONSTRAINT listings_award_rule_check, DROP CONSTRAINT listings_condition;
ALTER TABLE listings ADD CONSTRAINT listings_award_rule_check CHECK (award_rule IN ('by_hand', 'best_ranked', 'by_condition', 'assign')),
    ADD CONSTRAINT listings_condition CHECK (CASE award_rule WHEN 'by_condition' THEN award_condition IS NOT NULL
                                                             WHEN 'assign' THEN true ELSE award_condition IS NULL END);
