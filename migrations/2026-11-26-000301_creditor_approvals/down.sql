ALTER TABLE tasks DROP COLUMN of_fallback;
ALTER TABLE profile_defaults DROP COLUMN approves_texts;
ALTER TABLE relationship_profiles DROP COLUMN approves_texts;
