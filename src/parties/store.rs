//! SQL of organisations, members, sessions, API keys and agencies' papers.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, QueryableByName, Selectable, SelectableHelper,
    sql_types::{Array, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    credentials::Credential,
    member::{ApiKey, Member},
    organisation::Organisation,
    roles::{OrgKind, Permission},
    sessions::Used,
    vetting::{CredentialStatus, Paper},
};
use crate::{
    db::{
        Conn, DbError,
        schema::{agency_credentials, api_keys, members, organisations, refresh_tokens},
        statement,
    },
    http::Cursor,
    types::{ApiKeyId, CredentialId, MemberId, OrgId},
};

pub(super) async fn insert_organisation(conn: &mut Conn, organisation: &Organisation) -> Result<(), DbError> {
    let key = organisations::enterprise_key.eq(organisation.enterprise_key());
    diesel::insert_into(organisations::table).values((organisation, key)).execute(conn).await?;
    Ok(())
}

/// One that the scope may see: its own, the operator, and whoever it shares a case with.
pub(super) async fn find_organisation(conn: &mut Conn, id: OrgId) -> Result<Organisation, DbError> {
    Ok(organisations::table.find(id).select(Organisation::as_select()).first(conn).await?)
}

pub(super) async fn find_operator(conn: &mut Conn) -> Result<Option<Organisation>, DbError> {
    let operators = organisations::table.filter(organisations::kind.eq(OrgKind::Operator));
    Ok(operators.select(Organisation::as_select()).first(conn).await.optional()?)
}

pub(super) async fn insert_member(conn: &mut Conn, member: &Member, password_hash: &str) -> Result<(), DbError> {
    let hash = members::password_hash.eq(password_hash);
    diesel::insert_into(members::table).values((member, hash)).execute(conn).await?;
    Ok(())
}

pub(super) async fn find_member(conn: &mut Conn, org: OrgId, id: MemberId) -> Result<Member, DbError> {
    let own = members::table.filter(members::organisation_id.eq(org)).filter(members::id.eq(id));
    Ok(own.select(Member::as_select()).first(conn).await?)
}

pub(super) async fn list_members(conn: &mut Conn, org: OrgId, cursor: &Cursor) -> Result<Vec<Member>, DbError> {
    let own = members::table.filter(members::organisation_id.eq(org)).filter(members::id.lt(cursor.before));
    Ok(own.order(members::id.desc()).limit(cursor.fetch()).select(Member::as_select()).load(conn).await?)
}

/// A member, what it proves itself with, and whether its organisation is let in.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = members)]
pub struct Account {
    #[diesel(embed)]
    pub member: Member,
    pub(super) password_hash: String,
    #[diesel(select_expression = organisations::kind)]
    pub kind: OrgKind,
    #[diesel(select_expression = organisations::suspended_at)]
    pub(super) suspended_at: Option<DateTime<Utc>>,
}

diesel::define_sql_function! {
    fn lower(text: Text) -> Text;
}

pub(super) async fn find_account(conn: &mut Conn, email: &str) -> Result<Option<Account>, DbError> {
    let of_org = organisations::table.on(organisations::id.eq(members::organisation_id));
    let named = members::table.inner_join(of_org).filter(lower(members::email).eq(lower(email)));
    Ok(named.select(Account::as_select()).first(conn).await.optional()?)
}

pub(super) async fn find_account_of(conn: &mut Conn, member: MemberId) -> Result<Account, DbError> {
    let of_org = organisations::table.on(organisations::id.eq(members::organisation_id));
    Ok(members::table.inner_join(of_org).filter(members::id.eq(member)).select(Account::as_select()).first(conn).await?)
}

pub(super) async fn insert_refresh_token(
    conn: &mut Conn,
    hash: &[u8],
    family: Uuid,
    member: MemberId,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = (
        refresh_tokens::token_hash.eq(hash),
        refresh_tokens::family_id.eq(family),
        refresh_tokens::member_id.eq(member),
        refresh_tokens::issued_at.eq(issued_at),
        refresh_tokens::expires_at.eq(expires_at),
    );
    diesel::insert_into(refresh_tokens::table).values(row).execute(conn).await?;
    Ok(())
}

statement! {
    struct UseRefreshToken<'a> { used_at: DateTime<Utc> => Timestamptz, hash: &'a [u8] => Binary, now: DateTime<Utc> => Timestamptz }
    "UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?
     RETURNING family_id, member_id"
}

#[derive(QueryableByName)]
struct UsedRow {
    #[diesel(sql_type = SqlUuid)]
    family_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    member_id: MemberId,
}

/// Marks a token as used, if it still serves. Of two who try at once, one waits for the other and finds it used.
pub(super) async fn use_refresh_token(conn: &mut Conn, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Used>, DbError> {
    let row: Option<UsedRow> = UseRefreshToken { used_at: now, hash, now }.get_result(conn).await.optional()?;
    Ok(row.map(|row| Used { family_id: row.family_id, member_id: row.member_id }))
}

/// The family of a token that served before.
pub(super) async fn find_used_refresh_token(conn: &mut Conn, hash: &[u8]) -> Result<Option<Uuid>, DbError> {
    let used = refresh_tokens::table.find(hash).filter(refresh_tokens::used_at.is_not_null());
    Ok(used.select(refresh_tokens::family_id).first(conn).await.optional()?)
}

statement! {
    struct RevokeFamily { now: DateTime<Utc> => Timestamptz, family: Uuid => SqlUuid }
    "UPDATE refresh_tokens SET revoked_at = ? WHERE family_id = ? AND revoked_at IS NULL"
}

pub(super) async fn revoke_family(conn: &mut Conn, family: Uuid, now: DateTime<Utc>) -> Result<(), DbError> {
    RevokeFamily { now, family }.execute(conn).await?;
    Ok(())
}

pub(super) async fn insert_api_key(conn: &mut Conn, org: OrgId, key: &ApiKey, hash: &[u8]) -> Result<(), DbError> {
    let rest = (api_keys::organisation_id.eq(org), api_keys::secret_hash.eq(hash));
    diesel::insert_into(api_keys::table).values((key, rest.0, rest.1)).execute(conn).await?;
    Ok(())
}

pub(super) async fn list_api_keys(conn: &mut Conn, org: OrgId, cursor: &Cursor) -> Result<Vec<ApiKey>, DbError> {
    let own = api_keys::table.filter(api_keys::organisation_id.eq(org)).filter(api_keys::id.lt(cursor.before));
    Ok(own.order(api_keys::id.desc()).limit(cursor.fetch()).select(ApiKey::as_select()).load(conn).await?)
}

statement! {
    struct RevokeApiKey { now: DateTime<Utc> => Timestamptz, org: OrgId => SqlUuid, id: ApiKeyId => SqlUuid }
    "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE organisation_id = ? AND id = ?"
}

/// Whether there is such a key.
pub(super) async fn revoke_api_key(conn: &mut Conn, org: OrgId, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(RevokeApiKey { now, org, id }.execute(conn).await? > 0)
}

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

pub(super) async fn insert_credential(conn: &mut Conn, credential: &Credential) -> Result<(), DbError> {
    diesel::insert_into(agency_credentials::table).values(credential).execute(conn).await?;
    Ok(())
}

pub(super) async fn list_credentials(conn: &mut Conn, agency: OrgId, cursor: &Cursor) -> Result<Vec<Credential>, DbError> {
    use agency_credentials as c;
    let own = c::table.filter(c::agency_id.eq(agency)).filter(c::id.lt(cursor.before));
    Ok(own.order(c::id.desc()).limit(cursor.fetch()).select(Credential::as_select()).load(conn).await?)
}

/// All that counts towards an agency's right to bid.
pub(super) async fn list_papers(conn: &mut Conn, agency: OrgId) -> Result<Vec<Paper>, DbError> {
    use agency_credentials as c;
    let rows = c::table.filter(c::agency_id.eq(agency)).select(Credential::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Paper::from).collect())
}

/// With each agency's name.
pub(super) async fn list_all_credentials(
    conn: &mut Conn,
    status: Option<CredentialStatus>,
    cursor: &Cursor,
) -> Result<Vec<(Credential, String)>, DbError> {
    use agency_credentials as c;
    let of_agency = organisations::table.on(organisations::id.eq(c::agency_id));
    let mut wanted = c::table.inner_join(of_agency).filter(c::id.lt(cursor.before)).into_boxed();
    if let Some(status) = status {
        wanted = wanted.filter(c::status.eq(status));
    }
    let newest = wanted.order(c::id.desc()).limit(cursor.fetch());
    Ok(newest.select((Credential::as_select(), organisations::legal_name)).load(conn).await?)
}

pub(super) async fn lock_credential(conn: &mut Conn, id: CredentialId) -> Result<Credential, DbError> {
    Ok(agency_credentials::table.find(id).for_update().select(Credential::as_select()).first(conn).await?)
}

statement! {
    struct SetDecision<'a> { status: CredentialStatus => Text, note: Option<&'a str> => Nullable<Text>, by: Option<MemberId> => Nullable<SqlUuid>,
                             at: Option<DateTime<Utc>> => Nullable<Timestamptz>, id: CredentialId => SqlUuid }
    "UPDATE agency_credentials SET status = ?, decision_note = ?, decided_by = ?, decided_at = ? WHERE id = ?"
}

pub(super) async fn set_decision(conn: &mut Conn, decided: &Credential, by: Option<MemberId>) -> Result<(), DbError> {
    let (status, note, at) = (decided.status, decided.decision_note.as_deref(), decided.decided_at);
    SetDecision { status, note, by, at, id: decided.id }.execute(conn).await?;
    Ok(())
}
