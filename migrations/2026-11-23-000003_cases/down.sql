DROP POLICY known_organisations ON organisations;
DROP POLICY parties_of_a_case ON relationship_profiles;
DROP POLICY parties_of_a_case ON debtors;
DROP POLICY parties_of_the_case ON receivables;
DROP POLICY parties_of_the_case ON documents;
ALTER TABLE documents DROP CONSTRAINT documents_case_exists;
ALTER TABLE receivables DROP CONSTRAINT receivables_case_exists;
DROP TABLE disputes, promises, holds, events, cases;
