//! SQL of promises.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Date, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    cases::promises::PromiseStatus,
    db::{Conn, DbError, statement},
    types::{CaseId, HoldId, OrgId, PromiseId},
};

statement! {
    pub(in crate::cases) struct Insert { id: PromiseId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, hold: HoldId => SqlUuid, amount_minor: i64 => BigInt,
                    promised_on: NaiveDate => Date, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO promises (id, case_id, creditor_id, hold_id, amount_minor, promised_on, status, created_at) VALUES (?, ?, ?, ?, ?, ?, 'open', ?)"
}

statement! {
    struct FindOpen { id: PromiseId => SqlUuid } "SELECT amount_minor FROM promises WHERE id = ? AND status = 'open'"
}

#[derive(QueryableByName)]
struct OpenPromise {
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
}

statement! {
    struct FindOpenDay { case: CaseId => SqlUuid }
    "SELECT promised_on FROM promises WHERE case_id = ? AND status = 'open' ORDER BY id DESC LIMIT 1"
}

#[derive(QueryableByName)]
struct OpenDay {
    #[diesel(sql_type = Date)]
    promised_on: NaiveDate,
}

/// The day of the newest promise that is still open.
pub(in crate::cases) async fn find_open_day(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<NaiveDate>, DbError> {
    let open: Option<OpenDay> = FindOpenDay { case }.get_result(conn).await.optional()?;
    Ok(open.map(|row| row.promised_on))
}

statement! {
    struct Judge { status: PromiseStatus => Text, id: PromiseId => SqlUuid } "UPDATE promises SET status = ? WHERE id = ?"
}

pub(in crate::cases) async fn insert(conn: &mut Conn<'_>, promise: &Insert) -> Result<(), DbError> {
    promise.execute(conn).await?;
    Ok(())
}

/// The amount of a promise that is still open.
pub(in crate::cases) async fn find_open(conn: &mut Conn<'_>, id: PromiseId) -> Result<Option<i64>, DbError> {
    let open: Option<OpenPromise> = FindOpen { id }.get_result(conn).await.optional()?;
    Ok(open.map(|row| row.amount_minor))
}

pub(in crate::cases) async fn set_status(conn: &mut Conn<'_>, id: PromiseId, status: PromiseStatus) -> Result<(), DbError> {
    Judge { status, id }.execute(conn).await?;
    Ok(())
}
