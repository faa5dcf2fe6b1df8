DROP TABLE treasury_mails;
