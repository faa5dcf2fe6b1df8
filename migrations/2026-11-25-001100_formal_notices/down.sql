ALTER TABLE prior_reminders DROP COLUMN notice_received_on;
