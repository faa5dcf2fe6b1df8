//! SQL of log-in. Refresh tokens are seen by `Scope::System` alone.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    parties::sessions::Account,
    types::MemberId,
};

statement! {
    struct AccountOfAddress<'a> { email: &'a str => Text }
    "SELECT m.id, m.organisation_id, m.email, m.full_name, m.role, m.language, m.disabled_at, m.created_at, m.password_hash, o.kind, o.suspended_at
     FROM members m JOIN organisations o ON o.id = m.organisation_id WHERE m.email_key = lower(?)"
}

pub(in crate::parties) async fn find_account(conn: &mut Conn<'_>, email: &str) -> Result<Option<Account>, DbError> {
    Ok(AccountOfAddress { email }.get_result(conn).await.optional()?)
}

statement! {
    struct AccountOfMember { member: MemberId => SqlUuid }
    "SELECT m.id, m.organisation_id, m.email, m.full_name, m.role, m.language, m.disabled_at, m.created_at, m.password_hash, o.kind, o.suspended_at
     FROM members m JOIN organisations o ON o.id = m.organisation_id WHERE m.id = ?"
}

pub(in crate::parties) async fn find_account_of(conn: &mut Conn<'_>, member: MemberId) -> Result<Option<Account>, DbError> {
    Ok(AccountOfMember { member }.get_result(conn).await.optional()?)
}

statement! {
    pub(in crate::parties) struct InsertRefreshToken<'a> {
        hash: &'a [u8] => Binary, family: Uuid => SqlUuid, member: MemberId => SqlUuid,
        issued_at: DateTime<Utc> => Timestamptz, expires_at: DateTime<Utc> => Timestamptz, proven_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO refresh_tokens (token_hash, family_id, member_id, issued_at, expires_at, proven_at) VALUES (?, ?, ?, ?, ?, ?)"
}

pub(in crate::parties) async fn insert_refresh_token(conn: &mut Conn<'_>, token: &InsertRefreshToken<'_>) -> Result<(), DbError> {
    token.execute(conn).await?;
    Ok(())
}

statement! {
    struct UseRefreshToken<'a> { used_at: DateTime<Utc> => Timestamptz, hash: &'a [u8] => Binary, now: DateTime<Utc> => Timestamptz }
    "UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?
     RETURNING family_id, member_id, proven_at"
}

/// A refresh token that just served.
#[derive(Debug, QueryableByName)]
pub(in crate::parties) struct UsedToken {
    #[diesel(sql_type = SqlUuid)]
    pub family_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub member_id: MemberId,
    #[diesel(sql_type = Timestamptz)]
    pub proven_at: DateTime<Utc>,
}

/// Marks a token as used, if it still serves. Of two who try at once, one waits for the other and finds it used.
pub(in crate::parties) async fn use_refresh_token(
    conn: &mut Conn<'_>,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<UsedToken>, DbError> {
    Ok(UseRefreshToken { used_at: now, hash, now }.get_result(conn).await.optional()?)
}

statement! {
    struct FamilyOfUsedToken<'a> { hash: &'a [u8] => Binary }
    "SELECT family_id FROM refresh_tokens WHERE token_hash = ? AND used_at IS NOT NULL"
}

#[derive(QueryableByName)]
struct Family {
    #[diesel(sql_type = SqlUuid)]
    family_id: Uuid,
}

/// The family of a token that served before.
pub(in crate::parties) async fn find_family_of_used(conn: &mut Conn<'_>, hash: &[u8]) -> Result<Option<Uuid>, DbError> {
    let row: Option<Family> = FamilyOfUsedToken { hash }.get_result(conn).await.optional()?;
    Ok(row.map(|row| row.family_id))
}

statement! {
    struct SetProven { now: DateTime<Utc> => Timestamptz, family: Uuid => SqlUuid }
    "UPDATE refresh_tokens SET proven_at = ? WHERE family_id = ? AND used_at IS NULL AND revoked_at IS NULL"
}

/// The tokens to come say so too.
pub(in crate::parties) async fn set_proven(conn: &mut Conn<'_>, family: Uuid, now: DateTime<Utc>) -> Result<(), DbError> {
    SetProven { now, family }.execute(conn).await?;
    Ok(())
}

statement! {
    struct RevokeFamily { now: DateTime<Utc> => Timestamptz, family: Uuid => SqlUuid }
    "UPDATE refresh_tokens SET revoked_at = ? WHERE family_id = ? AND revoked_at IS NULL"
}

pub(in crate::parties) async fn revoke_family(conn: &mut Conn<'_>, family: Uuid, now: DateTime<Utc>) -> Result<(), DbError> {
    RevokeFamily { now, family }.execute(conn).await?;
    Ok(())
}
