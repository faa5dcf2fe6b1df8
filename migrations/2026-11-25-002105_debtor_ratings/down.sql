DROP TABLE debtor_ratings;
