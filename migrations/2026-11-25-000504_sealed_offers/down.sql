DROP INDEX engagements_ended, offers_one_per_account, offers_one_per_owner;
ALTER TABLE listings DROP COLUMN extended_at, DROP COLUMN relationship_weight_bp, DROP COLUMN extend_below, DROP COLUMN offers_max;
ALTER TABLE market_settings DROP COLUMN relationship_weight_bp, DROP COLUMN extend_below, DROP COLUMN offers_max;
ALTER TABLE payments DROP COLUMN fee_terms;
ALTER TABLE engagements DROP COLUMN claim_minor, DROP COLUMN fee;
ALTER TABLE mandates DROP COLUMN languages, DROP COLUMN fee;
DELETE FROM offers WHERE terms IS NULL AND NOT EXISTS (SELECT FROM mandates WHERE mandates.offer_id = offers.id);
ALTER TABLE offers ADD COLUMN first_contact_hours integer, ADD COLUMN update_every_days integer, ADD COLUMN tone text;
UPDATE offers SET fee_bp = coalesce(fee_bp, 0), first_contact_hours = coalesce((terms ->> 'first_contact_hours')::integer, 48),
    update_every_days = coalesce((terms ->> 'update_every_days')::integer, 14), tone = coalesce(terms ->> 'tone', 'neutral');
ALTER TABLE offers ALTER COLUMN fee_bp SET NOT NULL, ALTER COLUMN first_contact_hours SET NOT NULL,
    ALTER COLUMN update_every_days SET NOT NULL, ALTER COLUMN tone SET NOT NULL,
    DROP COLUMN client_account, DROP COLUMN owner_key, DROP COLUMN terms, DROP COLUMN sealed_terms;
