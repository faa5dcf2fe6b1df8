//! SQL of holds.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::holds::{Hold, HoldKind},
    db::{Conn, DbError, statement},
    types::{CaseId, HoldId, OrgId},
};

statement! {
    pub(in crate::cases) struct Insert<'a> { id: HoldId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, kind: HoldKind => Text, reason: &'a str => Text,
                        starts_at: DateTime<Utc> => Timestamptz, ends_at: Option<DateTime<Utc>> => Nullable<Timestamptz> }
    "INSERT INTO holds (id, case_id, creditor_id, kind, reason, starts_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
}

statement! {
    struct Release { at: DateTime<Utc> => Timestamptz, id: HoldId => SqlUuid, case: CaseId => SqlUuid }
    "UPDATE holds SET released_at = ? WHERE id = ? AND case_id = ? AND released_at IS NULL RETURNING kind"
}

#[derive(QueryableByName)]
struct Released {
    #[diesel(sql_type = Text)]
    kind: HoldKind,
}

statement! {
    struct Running { case: CaseId => SqlUuid, at: DateTime<Utc> => Timestamptz }
    "SELECT id, kind, reason, starts_at, ends_at FROM holds WHERE case_id = ? AND released_at IS NULL AND (ends_at IS NULL OR ends_at > ?) ORDER BY id"
}

pub(in crate::cases) async fn insert(conn: &mut Conn<'_>, hold: &Insert<'_>) -> Result<(), DbError> {
    hold.execute(conn).await?;
    Ok(())
}

/// The kind of the hold released; `None` where it was not running.
pub(in crate::cases) async fn release(
    conn: &mut Conn<'_>,
    case: CaseId,
    id: HoldId,
    at: DateTime<Utc>,
) -> Result<Option<HoldKind>, DbError> {
    let released: Option<Released> = Release { at, id, case }.get_result(conn).await.optional()?;
    Ok(released.map(|row| row.kind))
}

pub(in crate::cases) async fn list_running(conn: &mut Conn<'_>, case: CaseId, at: DateTime<Utc>) -> Result<Vec<Hold>, DbError> {
    Ok(Running { case, at }.load(conn).await?)
}
