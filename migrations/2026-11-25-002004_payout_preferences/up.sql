-- When and from which amount on a payee wants to be paid out. The legal month goes before its wish.
CREATE TABLE payout_preferences (
    org_id uuid PRIMARY KEY REFERENCES organisations,
    schedule text NOT NULL CHECK (schedule IN ('at_once', 'weekly', 'monthly')),
    day integer,
    minimum_minor bigint NOT NULL CHECK (minimum_minor >= 0),
    currency text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT payout_preferences_day CHECK (
        CASE schedule WHEN 'at_once' THEN day IS NULL WHEN 'weekly' THEN day BETWEEN 1 AND 7 ELSE day BETWEEN 1 AND 28 END)
);
COMMENT ON COLUMN payout_preferences.day IS 'Weekly: 1 is Monday; monthly: of the month';
ALTER TABLE payout_preferences ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON payout_preferences USING ((SELECT app_audience()) IN ('system', 'operator') OR org_id = (SELECT app_org()));
GRANT SELECT, INSERT, UPDATE ON payout_preferences TO entente_runtime;
