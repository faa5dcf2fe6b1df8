-- Debtors that are told by mail that a term of theirs ends: each term once.
CREATE TABLE debtor_term_mails (
    thing text NOT NULL,
    ends_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES cases,
    mailed_at timestamptz,
    PRIMARY KEY (thing, ends_at)
);
COMMENT ON COLUMN debtor_term_mails.thing IS 'What it is a term of, by its name outside: dsp_…, stl_…';
ALTER TABLE debtor_term_mails ENABLE ROW LEVEL SECURITY;
CREATE POLICY engine ON debtor_term_mails USING ((SELECT app_audience()) = 'system');
GRANT SELECT, INSERT, UPDATE ON debtor_term_mails TO entente_runtime;
