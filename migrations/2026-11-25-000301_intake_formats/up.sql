-- Invoices come in more syntaxes than CSV and UBL, and in archives of them.
ALTER TABLE intakes DROP CONSTRAINT intakes_format_check;
ALTER TABLE intakes ADD CONSTRAINT intakes_format_check
    CHECK (format IN ('json', 'csv', 'ubl', 'cii', 'facturae', 'fatturapa', 'pdf', 'xlsx', 'ods', 'zip'));
