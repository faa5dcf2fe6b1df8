DROP TABLE settlements;
DROP TABLE settlement_policies;
DELETE FROM holds WHERE kind = 'settlement';
ALTER TABLE holds DROP CONSTRAINT holds_kind_check;
ALTER TABLE holds ADD CONSTRAINT holds_kind_check CHECK (kind IN
    ('dispute', 'hardship', 'promise', 'plan', 'payment_in_flight', 'insolvency', 'represented', 'creditor_request'));
