//! SQL of API keys.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    parties::{
        member::ApiKey,
        roles::{OrgKind, Permission},
    },
    types::{ApiKeyId, MemberId, OrgId},
};

statement! {
    struct Insert<'a> {
        id: ApiKeyId => SqlUuid, org: OrgId => SqlUuid, name: &'a str => Text, hash: &'a [u8] => Binary, hint: &'a str => Text,
        scopes: &'a [Permission] => Array<Text>, created_by: MemberId => SqlUuid, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO api_keys (id, organisation_id, name, secret_hash, hint, scopes, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::parties) async fn insert(conn: &mut Conn<'_>, org: OrgId, key: &ApiKey, hash: &[u8]) -> Result<(), DbError> {
    let ApiKey { id, name, hint, scopes, created_by, created_at, revoked_at: _ } = key;
    Insert { id: *id, org, name, hash, hint, scopes, created_by: *created_by, created_at: *created_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct List { org: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    "SELECT id, name, hint, scopes, created_by, created_at, revoked_at FROM api_keys WHERE organisation_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
}

pub(in crate::parties) async fn list(conn: &mut Conn<'_>, org: OrgId, cursor: &Cursor) -> Result<Vec<ApiKey>, DbError> {
    Ok(List { org, before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct Revoke { now: DateTime<Utc> => Timestamptz, org: OrgId => SqlUuid, id: ApiKeyId => SqlUuid }
    "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE organisation_id = ? AND id = ?"
}

/// Whether there is such a key.
pub(in crate::parties) async fn revoke(
    conn: &mut Conn<'_>,
    org: OrgId,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(Revoke { now, org, id }.execute(conn).await? > 0)
}

statement! {
    struct FindLive<'a> { hash: &'a [u8] => Binary }
    "SELECT k.id, k.organisation_id, o.kind, k.name, k.scopes FROM api_keys k JOIN organisations o ON o.id = k.organisation_id
     WHERE k.secret_hash = ? AND k.revoked_at IS NULL AND o.suspended_at IS NULL"
}

/// An API key that counts, and whose it is.
#[derive(Debug, QueryableByName)]
pub(in crate::parties) struct LiveKey {
    #[diesel(sql_type = SqlUuid)]
    pub id: ApiKeyId,
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrgId,
    #[diesel(sql_type = Text)]
    pub kind: OrgKind,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<Permission>,
}

/// Under `Scope::System`: nobody is known before the key is.
pub(in crate::parties) async fn find_live(conn: &mut Conn<'_>, hash: &[u8]) -> Result<Option<LiveKey>, DbError> {
    Ok(FindLive { hash }.get_result(conn).await.optional()?)
}
