ALTER TABLE mandates DROP COLUMN framework_id;
DROP TABLE framework_signatures;
DROP TABLE framework_mandates;
