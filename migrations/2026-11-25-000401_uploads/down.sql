DROP TABLE column_mappings, upload_files, uploads;
