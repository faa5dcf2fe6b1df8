-- Intakes of formats that are not known before this migration keep their answers under the nearest one.
UPDATE intakes SET format = 'ubl' WHERE format IN ('cii', 'facturae', 'fatturapa', 'pdf');
UPDATE intakes SET format = 'csv' WHERE format IN ('xlsx', 'ods', 'zip');
ALTER TABLE intakes DROP CONSTRAINT intakes_format_check;
ALTER TABLE intakes ADD CONSTRAINT intakes_format_check CHECK (format IN ('json', 'csv', 'ubl'));
