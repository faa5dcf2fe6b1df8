DROP TABLE debtor_term_mails;
