//! SQL of disputes.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::disputes::{Dispute, DisputeReason, DisputeStatus},
    db::{Conn, DbError, statement},
    types::{CaseId, DisputeId, HoldId, OrgId},
};

statement! {
    pub(in crate::cases) struct Insert<'a> { id: DisputeId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, hold: HoldId => SqlUuid, reason: DisputeReason => Text,
                        statement: &'a str => Text, opened_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO disputes (id, case_id, creditor_id, hold_id, reason, statement, status, opened_at) VALUES (?, ?, ?, ?, ?, ?, 'open', ?)"
}

statement! {
    pub(in crate::cases) struct Resolve<'a> { status: DisputeStatus => Text, reduction_minor: i64 => BigInt, resolution: &'a str => Text, resolved_at: DateTime<Utc> => Timestamptz,
                         id: DisputeId => SqlUuid }
    "UPDATE disputes SET status = ?, reduction_minor = ?, resolution = ?, resolved_at = ? WHERE id = ?"
}

statement! {
    struct Find { id: DisputeId => SqlUuid }
    "SELECT id, case_id, hold_id, reason, statement, status, reduction_minor, resolution, opened_at, resolved_at FROM disputes WHERE id = ?"
}

statement! {
    struct OfCase { case: CaseId => SqlUuid }
    "SELECT id, case_id, hold_id, reason, statement, status, reduction_minor, resolution, opened_at, resolved_at FROM disputes WHERE case_id = ? ORDER BY id"
}

pub(in crate::cases) async fn insert(conn: &mut Conn<'_>, dispute: &Insert<'_>) -> Result<(), DbError> {
    dispute.execute(conn).await?;
    Ok(())
}

pub(in crate::cases) async fn set_resolution(conn: &mut Conn<'_>, resolution: &Resolve<'_>) -> Result<(), DbError> {
    resolution.execute(conn).await?;
    Ok(())
}

pub(in crate::cases) async fn find(conn: &mut Conn<'_>, id: DisputeId) -> Result<Option<Dispute>, DbError> {
    Ok(Find { id }.get_result(conn).await.optional()?)
}

pub(in crate::cases) async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Dispute>, DbError> {
    Ok(OfCase { case }.load(conn).await?)
}
