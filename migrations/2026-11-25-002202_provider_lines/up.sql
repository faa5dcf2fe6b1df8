-- Messages wait in a line before a provider that takes so many a second, creditors by turns; and a step may name another channel
-- for when its message comes back or its provider stays away.
CREATE TABLE provider_lines (
    channel text PRIMARY KEY CHECK (channel IN ('mail', 'sms')),
    turn bigint NOT NULL DEFAULT 0,
    departures timestamptz[] NOT NULL DEFAULT '{}',
    failures integer NOT NULL DEFAULT 0,
    away_until timestamptz
);
INSERT INTO provider_lines (channel) VALUES ('mail'), ('sms');
COMMENT ON COLUMN provider_lines.turn IS 'Of the message let go last: who joins the line begins there, so nobody comes before those who wait';
COMMENT ON COLUMN provider_lines.departures IS 'Of the last second, whichever worker let them go';
COMMENT ON COLUMN provider_lines.away_until IS 'The provider did not answer: then one message tries whether it does';
ALTER TABLE provider_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform ON provider_lines USING ((SELECT app_audience()) = 'system');
GRANT SELECT, UPDATE ON provider_lines TO entente_runtime;

ALTER TABLE deliveries ADD COLUMN due_at timestamptz, ADD COLUMN turn bigint;
COMMENT ON COLUMN deliveries.due_at IS 'When it joins the line; NULL: it waits in none';
COMMENT ON COLUMN deliveries.turn IS 'Its place in the line: a creditor''s next message stands one turn behind its last';
CREATE INDEX deliveries_joining ON deliveries (channel, due_at) WHERE due_at IS NOT NULL AND turn IS NULL;
CREATE INDEX deliveries_in_line ON deliveries (channel, turn, id) WHERE turn IS NOT NULL;
CREATE INDEX deliveries_last_turn ON deliveries (channel, creditor_id, turn DESC) WHERE turn IS NOT NULL;

ALTER TABLE strategy_runs ADD COLUMN fallback_step integer;
COMMENT ON COLUMN strategy_runs.fallback_step IS 'Whose other channel is to be taken before anything else; from 0';
ALTER TABLE actions ADD COLUMN is_fallback boolean NOT NULL DEFAULT false;
DROP INDEX actions_once;
CREATE UNIQUE INDEX actions_once ON actions (run_id, step, is_fallback) WHERE status <> 'stopped';
