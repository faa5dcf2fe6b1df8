DROP TABLE payout_preferences;
