-- Consumers owe interest, and Dutch ones costs, only from a formal notice on: the claim must know when it arrived.
ALTER TABLE prior_reminders ADD COLUMN notice_received_on date CHECK (notice_received_on >= sent_on);
COMMENT ON COLUMN prior_reminders.notice_received_on IS 'Set where it was a formal notice to pay: the day on which the debtor received it';
