DROP TABLE payment_plans;
DROP TABLE plan_policies;
DELETE FROM holds WHERE kind = 'represented';
ALTER TABLE holds DROP CONSTRAINT holds_kind_check;
ALTER TABLE holds ADD CONSTRAINT holds_kind_check CHECK (kind IN
    ('dispute', 'hardship', 'promise', 'plan', 'payment_in_flight', 'insolvency', 'creditor_request'));
