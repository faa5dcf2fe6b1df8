DROP TABLE provision_policies;
