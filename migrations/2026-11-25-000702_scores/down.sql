DROP TABLE score_appeals;
DROP TABLE agency_scores;
DROP TABLE score_quarters;
DROP TABLE engagement_ratings;
ALTER TABLE mandates DROP COLUMN expected_recovery_bp, DROP COLUMN promised_recovery_bp;
