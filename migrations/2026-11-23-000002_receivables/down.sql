DROP TABLE documents, receivables, intakes, relationship_profiles, debtors;
