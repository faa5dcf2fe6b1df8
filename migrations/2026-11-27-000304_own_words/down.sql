DROP TABLE letterheads;
DROP TABLE wordings;
