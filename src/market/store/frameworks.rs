//! SQL of framework mandates and their signatures.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::mandates::SignatureRow;
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::{
        framework::{Framework, FrameworkStatus},
        mandate::{Party, Signature, Signing},
    },
    types::{DocumentId, FrameworkId, Language, MemberId, OrgId},
};

macro_rules! select {
    () => {
        "SELECT id, creditor_id, agency_id, language, document_id, document_sha256, status, sign_by, ends_at, ended_by, created_at
         FROM framework_mandates "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: FrameworkId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Text)]
    language: Language,
    #[diesel(sql_type = SqlUuid)]
    document_id: DocumentId,
    #[diesel(sql_type = Binary)]
    document_sha256: Vec<u8>,
    #[diesel(sql_type = Text)]
    status: FrameworkStatus,
    #[diesel(sql_type = Timestamptz)]
    sign_by: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    ended_by: Option<Party>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<Row> for Framework {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            creditor: row.creditor_id,
            agency: row.agency_id,
            language: row.language,
            document: row.document_id,
            document_sha256: row.document_sha256,
            status: row.status,
            sign_by: row.sign_by,
            ends_at: row.ends_at,
            ended_by: row.ended_by,
            created_at: row.created_at,
        }
    }
}

statement! {
    struct Insert<'a> { id: FrameworkId => SqlUuid, creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid, language: Language => Text,
                        document: DocumentId => SqlUuid, document_sha256: &'a [u8] => Binary, status: FrameworkStatus => Text,
                        sign_by: DateTime<Utc> => Timestamptz, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO framework_mandates (id, creditor_id, agency_id, language, document_id, document_sha256, status, sign_by, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, framework: &Framework) -> Result<(), DbError> {
    let Framework { id, creditor, agency, language, document, status, sign_by, created_at, .. } = *framework;
    let document_sha256 = &framework.document_sha256;
    Insert { id, creditor, agency, language, document, document_sha256, status, sign_by, created_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Find { id: FrameworkId => SqlUuid } concat!(select!(), "WHERE id = ?")
}

pub(in crate::market) async fn find(conn: &mut Conn<'_>, id: FrameworkId) -> Result<Option<Framework>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Framework::from))
}

statement! {
    struct Lock { id: FrameworkId => SqlUuid } concat!(select!(), "WHERE id = ? FOR UPDATE")
}

pub(in crate::market) async fn lock(conn: &mut Conn<'_>, id: FrameworkId) -> Result<Option<Framework>, DbError> {
    Ok(Lock { id }.get_result::<Row>(conn).await.optional()?.map(Framework::from))
}

statement! {
    struct LockInForce { creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid }
    concat!(select!(), "WHERE creditor_id = ? AND agency_id = ? AND status = 'in_force' ORDER BY id DESC FOR SHARE")
}

/// What both sides have signed, notice given or not, newest first. Awards share it; an end waits for them.
pub(in crate::market) async fn lock_in_force(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    agency: OrgId,
) -> Result<Vec<Framework>, DbError> {
    let rows: Vec<Row> = LockInForce { creditor, agency }.load(conn).await?;
    Ok(rows.into_iter().map(Framework::from).collect())
}

statement! {
    struct List { org: OrgId => SqlUuid, same: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!(select!(), "WHERE (creditor_id = ? OR agency_id = ?) AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(in crate::market) async fn list(conn: &mut Conn<'_>, org: OrgId, cursor: Cursor) -> Result<Vec<Framework>, DbError> {
    let rows: Vec<Row> = List { org, same: org, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(Framework::from).collect())
}

statement! {
    struct Update { status: FrameworkStatus => Text, ends_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
                    ended_by: Option<Party> => Nullable<Text>, id: FrameworkId => SqlUuid }
    "UPDATE framework_mandates SET status = ?, ends_at = ?, ended_by = ? WHERE id = ?"
}

/// Writes what has become of a locked framework.
pub(in crate::market) async fn update(conn: &mut Conn<'_>, framework: &Framework) -> Result<(), DbError> {
    let Framework { id, status, ends_at, ended_by, .. } = *framework;
    Update { status, ends_at, ended_by, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertSignature<'a> {
        framework: FrameworkId => SqlUuid, party: Party => Text, member: MemberId => SqlUuid, full_name: &'a str => Text,
        document_sha256: &'a [u8] => Binary, address: &'a str => Text, user_agent: &'a str => Text, signed_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO framework_signatures (framework_id, party, member_id, full_name, document_sha256, address, user_agent, signed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert_signature(
    conn: &mut Conn<'_>,
    framework: FrameworkId,
    party: Party,
    signing: &Signing<'_>,
    signed_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let Signing { member, full_name, document_sha256, address, user_agent } = *signing;
    InsertSignature { framework, party, member, full_name, document_sha256, address, user_agent, signed_at }
        .execute(conn)
        .await?;
    Ok(())
}

statement! {
    struct ListSignatures { framework: FrameworkId => SqlUuid }
    "SELECT party, member_id, full_name, document_sha256, address, user_agent, signed_at FROM framework_signatures
     WHERE framework_id = ? ORDER BY signed_at, party"
}

pub(in crate::market) async fn list_signatures(conn: &mut Conn<'_>, framework: FrameworkId) -> Result<Vec<Signature>, DbError> {
    let rows: Vec<SignatureRow> = ListSignatures { framework }.load(conn).await?;
    Ok(rows.into_iter().map(Signature::from).collect())
}
