DROP TABLE fee_invoices;
DROP TABLE fee_invoice_numbers;
