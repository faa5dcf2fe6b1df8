//! SQL of second factors. Seen by `Scope::System` alone.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Binary, Bool, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    parties::second_factor::Factor,
    types::MemberId,
};

statement! {
    struct Find { member: MemberId => SqlUuid }
    "SELECT secret_id, confirmed_at IS NOT NULL AS confirmed FROM second_factors WHERE member_id = ?"
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    secret_id: Uuid,
    #[diesel(sql_type = Bool)]
    confirmed: bool,
}

pub(in crate::parties) async fn find(conn: &mut Conn<'_>, member: MemberId) -> Result<Option<Factor>, DbError> {
    let row: Option<Row> = Find { member }.get_result(conn).await.optional()?;
    Ok(row.map(|Row { secret_id, confirmed }| Factor { secret_id, confirmed }))
}

statement! {
    struct Begin { member: MemberId => SqlUuid, secret_id: Uuid => SqlUuid, begun_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO second_factors (member_id, secret_id, begun_at) VALUES (?, ?, ?)
     ON CONFLICT (member_id) DO UPDATE SET secret_id = excluded.secret_id, begun_at = excluded.begun_at
        WHERE second_factors.confirmed_at IS NULL"
}

/// `false`: one is confirmed.
pub(in crate::parties) async fn begin(
    conn: &mut Conn<'_>,
    member: MemberId,
    secret_id: Uuid,
    begun_at: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(Begin { member, secret_id, begun_at }.execute(conn).await? > 0)
}

statement! {
    struct Confirm { confirmed_at: DateTime<Utc> => Timestamptz, last_step: i64 => BigInt, member: MemberId => SqlUuid }
    "UPDATE second_factors SET confirmed_at = ?, last_step = ? WHERE member_id = ?"
}

pub(in crate::parties) async fn confirm(
    conn: &mut Conn<'_>,
    member: MemberId,
    last_step: i64,
    confirmed_at: DateTime<Utc>,
) -> Result<(), DbError> {
    Confirm { confirmed_at, last_step, member }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Advance { step: i64 => BigInt, member: MemberId => SqlUuid, before: i64 => BigInt }
    "UPDATE second_factors SET last_step = ? WHERE member_id = ? AND last_step < ?"
}

/// Whether the code of this step was not taken before.
pub(in crate::parties) async fn advance(conn: &mut Conn<'_>, member: MemberId, step: i64) -> Result<bool, DbError> {
    Ok(Advance { step, member, before: step }.execute(conn).await? > 0)
}

statement! {
    struct InsertCode<'a> { member: MemberId => SqlUuid, hash: &'a [u8] => Binary }
    "INSERT INTO recovery_codes (member_id, code_hash) VALUES (?, ?)"
}

pub(in crate::parties) async fn insert_recovery_code(conn: &mut Conn<'_>, member: MemberId, hash: &[u8]) -> Result<(), DbError> {
    InsertCode { member, hash }.execute(conn).await?;
    Ok(())
}

statement! {
    struct UseCode<'a> { used_at: DateTime<Utc> => Timestamptz, member: MemberId => SqlUuid, hash: &'a [u8] => Binary }
    "UPDATE recovery_codes SET used_at = ? WHERE member_id = ? AND code_hash = ? AND used_at IS NULL"
}

/// Whether it was one, and not used before.
pub(in crate::parties) async fn use_recovery_code(
    conn: &mut Conn<'_>,
    member: MemberId,
    hash: &[u8],
    used_at: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(UseCode { used_at, member, hash }.execute(conn).await? > 0)
}

statement! {
    struct Remove { member: MemberId => SqlUuid, codes_of: MemberId => SqlUuid }
    "WITH gone AS (DELETE FROM second_factors WHERE member_id = ?) DELETE FROM recovery_codes WHERE member_id = ?"
}

pub(in crate::parties) async fn remove(conn: &mut Conn<'_>, member: MemberId) -> Result<(), DbError> {
    Remove { member, codes_of: member }.execute(conn).await?;
    Ok(())
}
