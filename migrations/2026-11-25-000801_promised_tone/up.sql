-- The engine obeys the tone that an agency promised in its mandate; it knows the case and not the market.
ALTER TABLE cases ADD COLUMN promised_tone text CHECK (promised_tone IN ('gentle', 'neutral', 'firm'));
COMMENT ON COLUMN cases.promised_tone IS 'The firmest tone of the engaged agency''s mandate; NULL while none is engaged';
UPDATE cases SET promised_tone = e.tone FROM engagements e WHERE e.case_id = cases.id AND e.ended_at IS NULL;
