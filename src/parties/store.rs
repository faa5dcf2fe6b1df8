//! SQL of organisations, members and what they prove themselves with.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Binary, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::roles::{OrgKind, Permission};
use crate::{
    db::{Conn, DbError, statement},
    types::{ApiKeyId, OrgId},
};

statement! {
    struct FindLiveApiKey<'a> { hash: &'a [u8] => Binary }
    "SELECT k.id, k.organisation_id, o.kind, k.name, k.scopes FROM api_keys k JOIN organisations o ON o.id = k.organisation_id
     WHERE k.secret_hash = ? AND k.revoked_at IS NULL AND o.suspended_at IS NULL"
}

/// An API key that counts, and whose it is.
#[derive(Debug, QueryableByName)]
pub(super) struct KnownApiKey {
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
pub(super) async fn find_live_api_key(conn: &mut Conn, hash: &[u8]) -> Result<Option<KnownApiKey>, DbError> {
    Ok(FindLiveApiKey { hash }.get_result(conn).await.optional()?)
}
