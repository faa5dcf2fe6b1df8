//! SQL of private notes: of one organisation alone.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::private_notes::PrivateNote,
    types::{CaseId, CaseNoteId, MemberId, OrgId},
};

statement! {
    struct Insert<'a> { id: CaseNoteId => SqlUuid, case: CaseId => SqlUuid, org: OrgId => SqlUuid, member: Option<MemberId> => Nullable<SqlUuid>,
                        text: &'a str => Text, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO case_notes (id, case_id, org_id, member_id, text, created_at) VALUES (?, ?, ?, ?, ?, ?)"
}

pub async fn insert(conn: &mut Conn<'_>, (case, org): (CaseId, OrgId), note: &PrivateNote) -> Result<(), DbError> {
    let PrivateNote { id, member_id, text, created_at } = note;
    Insert { id: *id, case, org, member: *member_id, text, created_at: *created_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct List { case: CaseId => SqlUuid, org: OrgId => SqlUuid }
    "SELECT id, member_id, text, created_at FROM case_notes WHERE case_id = ? AND org_id = ? ORDER BY id"
}

pub async fn list(conn: &mut Conn<'_>, case: CaseId, org: OrgId) -> Result<Vec<PrivateNote>, DbError> {
    Ok(List { case, org }.load(conn).await?)
}
