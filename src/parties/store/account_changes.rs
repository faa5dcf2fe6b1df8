//! SQL of changed bank accounts.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    parties::account_changes::{AccountChange, AccountChangeStatus},
    types::{AccountChangeId, Iban, MemberId, OrgId},
};

macro_rules! columns {
    () => {
        "id, org_id, iban, status, asked_by, asked_at, confirm_by, wrong_codes, confirmed_at, in_force_at"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: AccountChangeId,
    #[diesel(sql_type = SqlUuid)]
    org_id: OrgId,
    #[diesel(sql_type = Text)]
    iban: Iban,
    #[diesel(sql_type = Text)]
    status: AccountChangeStatus,
    #[diesel(sql_type = SqlUuid)]
    asked_by: MemberId,
    #[diesel(sql_type = Timestamptz)]
    asked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    confirm_by: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    wrong_codes: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    confirmed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    in_force_at: Option<DateTime<Utc>>,
}

impl From<Row> for AccountChange {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            org: row.org_id,
            iban: row.iban,
            status: row.status,
            asked_by: row.asked_by,
            asked_at: row.asked_at,
            confirm_by: row.confirm_by,
            wrong_codes: row.wrong_codes,
            confirmed_at: row.confirmed_at,
            in_force_at: row.in_force_at,
        }
    }
}

statement! {
    struct Insert<'a> {
        id: AccountChangeId => SqlUuid, org: OrgId => SqlUuid, iban: &'a Iban => Text, asked_by: MemberId => SqlUuid,
        asked_at: DateTime<Utc> => Timestamptz, confirm_by: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO account_changes (id, org_id, iban, status, asked_by, asked_at, confirm_by) VALUES (?, ?, ?, 'asked', ?, ?, ?)"
}

pub(in crate::parties) async fn insert(conn: &mut Conn<'_>, change: &AccountChange) -> Result<(), DbError> {
    let AccountChange { id, org, iban, asked_by, asked_at, confirm_by, .. } = change;
    let (id, org, asked_by, asked_at, confirm_by) = (*id, *org, *asked_by, *asked_at, *confirm_by);
    Insert { id, org, iban, asked_by, asked_at, confirm_by }.execute(conn).await?;
    Ok(())
}

statement! {
    struct LockOpen { org: OrgId => SqlUuid }
    concat!("SELECT ", columns!(), " FROM account_changes WHERE org_id = ? AND status IN ('asked', 'confirmed') FOR UPDATE")
}

pub(in crate::parties) async fn lock_open(conn: &mut Conn<'_>, org: OrgId) -> Result<Option<AccountChange>, DbError> {
    Ok(LockOpen { org }.get_result::<Row>(conn).await.optional()?.map(AccountChange::from))
}

statement! {
    struct FindLatest { org: OrgId => SqlUuid }
    concat!("SELECT ", columns!(), " FROM account_changes WHERE org_id = ? ORDER BY id DESC LIMIT 1")
}

pub(in crate::parties) async fn find_latest(conn: &mut Conn<'_>, org: OrgId) -> Result<Option<AccountChange>, DbError> {
    Ok(FindLatest { org }.get_result::<Row>(conn).await.optional()?.map(AccountChange::from))
}

statement! {
    struct Find { id: AccountChangeId => SqlUuid } concat!("SELECT ", columns!(), " FROM account_changes WHERE id = ?")
}

pub(in crate::parties) async fn find(conn: &mut Conn<'_>, id: AccountChangeId) -> Result<Option<AccountChange>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(AccountChange::from))
}

statement! {
    struct SetStatus { status: AccountChangeStatus => Text, id: AccountChangeId => SqlUuid } "UPDATE account_changes SET status = ? WHERE id = ?"
}

pub(in crate::parties) async fn set_status(
    conn: &mut Conn<'_>,
    id: AccountChangeId,
    status: AccountChangeStatus,
) -> Result<(), DbError> {
    SetStatus { status, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CountWrongCode { status: AccountChangeStatus => Text, id: AccountChangeId => SqlUuid }
    "UPDATE account_changes SET status = ?, wrong_codes = wrong_codes + 1 WHERE id = ?"
}

pub(in crate::parties) async fn count_wrong_code(
    conn: &mut Conn<'_>,
    id: AccountChangeId,
    status: AccountChangeStatus,
) -> Result<(), DbError> {
    CountWrongCode { status, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetConfirmed { member: MemberId => SqlUuid, at: DateTime<Utc> => Timestamptz, in_force_at: DateTime<Utc> => Timestamptz, id: AccountChangeId => SqlUuid }
    "UPDATE account_changes SET status = 'confirmed', confirmed_by = ?, confirmed_at = ?, in_force_at = ? WHERE id = ?"
}

pub(in crate::parties) async fn set_confirmed(
    conn: &mut Conn<'_>,
    id: AccountChangeId,
    member: MemberId,
    at: DateTime<Utc>,
    in_force_at: DateTime<Utc>,
) -> Result<(), DbError> {
    SetConfirmed { member, at, in_force_at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct PutInForce { id: AccountChangeId => SqlUuid }
    "WITH done AS (UPDATE account_changes SET status = 'in_force' WHERE id = ? AND status = 'confirmed' RETURNING org_id, iban)
     UPDATE organisations SET iban = done.iban FROM done WHERE organisations.id = done.org_id"
}

pub(in crate::parties) async fn put_in_force(conn: &mut Conn<'_>, id: AccountChangeId) -> Result<(), DbError> {
    PutInForce { id }.execute(conn).await?;
    Ok(())
}
