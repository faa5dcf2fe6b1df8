-- Whoever has an address may want no more mails, text messages or calls there. That holds whoever asks, so it is kept by the
-- address, over all creditors; and by its digest, so that it names nobody, outlives what is erased, and can be asked after only
-- by those who know the address.
CREATE TABLE opt_outs (
    channel text NOT NULL CHECK (channel IN ('mail', 'sms', 'call')),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    opted_out_at timestamptz NOT NULL,
    PRIMARY KEY (channel, digest)
);
COMMENT ON TABLE opt_outs IS 'No row for letters: what law demands has to arrive somewhere';
COMMENT ON COLUMN opt_outs.digest IS 'SHA-256 of the address in its normal form (recovery::opt_outs)';
ALTER TABLE opt_outs ENABLE ROW LEVEL SECURITY;
CREATE POLICY who_knows_the_address ON opt_outs USING (true);
GRANT SELECT, INSERT, DELETE ON opt_outs TO entente_runtime;

-- Calls that are still to be made to a debtor, whoever's customer it is, are found by the debtor.
CREATE INDEX tasks_open_calls ON tasks (case_id) WHERE kind = 'call' AND status = 'open';
