DROP INDEX deliveries_to_post, deliveries_bundle;
ALTER TABLE deliveries DROP COLUMN recipient, DROP COLUMN bundle_id, DROP COLUMN posted_on;
DROP TABLE letter_bundles, letter_settings;
