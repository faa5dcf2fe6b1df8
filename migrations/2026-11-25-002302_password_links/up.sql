-- Links in mails by which somebody sets a password: because it was forgotten, or as the invitation into an organisation. The link
-- holds a tag that only the server can make; this table says until when it opens something, and whether it has.
CREATE TABLE password_links (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members,
    purpose text NOT NULL CHECK (purpose IN ('forgotten', 'invitation')),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX password_links_member ON password_links (member_id, issued_at DESC);
ALTER TABLE password_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY before_log_in ON password_links USING (app_audience() = 'system');
-- An administrator invites into its own organisation, and reads no link.
CREATE POLICY inviting ON password_links FOR INSERT WITH CHECK (purpose = 'invitation'
    AND EXISTS (SELECT FROM members WHERE members.id = member_id AND members.organisation_id = (SELECT app_org())));
GRANT SELECT, INSERT, UPDATE ON password_links TO entente_runtime;
