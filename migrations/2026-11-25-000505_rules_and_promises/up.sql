-- A creditor's own rule for the award, and what becomes of a case that nobody offers on.
ALTER TABLE listings DROP CONSTRAINT listings_award_rule_check;
ALTER TABLE listings ADD CONSTRAINT listings_award_rule_check CHECK (award_rule IN ('by_hand', 'best_ranked', 'by_condition')),
    ADD COLUMN award_condition text,
    ADD CONSTRAINT listings_condition CHECK ((award_rule = 'by_condition') = (award_condition IS NOT NULL));
COMMENT ON COLUMN listings.award_condition IS 'CEL over an offer: at the deadline the first in rank of which it is true is awarded';
ALTER TABLE market_settings ADD COLUMN no_offers text NOT NULL DEFAULT 'hand_back' CHECK (no_offers IN ('hand_back', 'relist_wider'));

-- Whether an agency keeps what it promised.
ALTER TABLE engagements ADD COLUMN first_contact_kept boolean, ADD COLUMN updates_kept integer NOT NULL DEFAULT 0,
    ADD COLUMN updates_missed integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN engagements.first_contact_kept IS 'NULL until it was due';
