DROP TABLE engagements, mandate_signatures, mandates, offers, listing_owners, listings CASCADE;
