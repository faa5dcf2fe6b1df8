ALTER TABLE engagements DROP COLUMN updates_missed, DROP COLUMN updates_kept, DROP COLUMN first_contact_kept;
ALTER TABLE market_settings DROP COLUMN no_offers;
ALTER TABLE listings DROP CONSTRAINT listings_condition, DROP CONSTRAINT listings_award_rule_check, DROP COLUMN award_condition;
UPDATE listings SET award_rule = 'by_hand' WHERE award_rule = 'by_condition';
ALTER TABLE listings ADD CONSTRAINT listings_award_rule_check CHECK (award_rule IN ('by_hand', 'best_ranked'));
