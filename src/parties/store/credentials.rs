//! SQL of agencies' licences and insurances.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    parties::{
        credentials::{Credential, CredentialOfAgency},
        vetting::{CredentialKind, CredentialStatus, Paper},
    },
    types::{Country, CredentialId, MemberId, OrgId},
};

statement! {
    struct Insert<'a> {
        id: CredentialId => SqlUuid, agency: OrgId => SqlUuid, kind: CredentialKind => Text, country: Country => Text, issuer: &'a str => Text,
        reference: &'a str => Text, valid_from: NaiveDate => Date, valid_until: NaiveDate => Date, status: CredentialStatus => Text,
        created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO agency_credentials (id, agency_id, kind, country, issuer, reference, valid_from, valid_until, status, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::parties) async fn insert(conn: &mut Conn<'_>, credential: &Credential) -> Result<(), DbError> {
    Insert {
        id: credential.id,
        agency: credential.agency_id,
        kind: credential.kind,
        country: credential.country,
        issuer: &credential.issuer,
        reference: &credential.reference,
        valid_from: credential.valid_from,
        valid_until: credential.valid_until,
        status: credential.status,
        created_at: credential.created_at,
    }
    .execute(conn)
    .await?;
    Ok(())
}

statement! {
    struct ListOfAgency { agency: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    "SELECT id, agency_id, kind, country, issuer, reference, valid_from, valid_until, status, decision_note, decided_at, created_at
     FROM agency_credentials WHERE agency_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
}

pub(in crate::parties) async fn list_of_agency(
    conn: &mut Conn<'_>,
    agency: OrgId,
    cursor: &Cursor,
) -> Result<Vec<Credential>, DbError> {
    Ok(ListOfAgency { agency, before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct ListAll { status: Option<CredentialStatus> => Nullable<Text>, before: Uuid => SqlUuid, limit: i64 => BigInt }
    "SELECT c.id, c.agency_id, c.kind, c.country, c.issuer, c.reference, c.valid_from, c.valid_until, c.status, c.decision_note, c.decided_at,
            c.created_at, o.legal_name AS agency_name
     FROM agency_credentials c JOIN organisations o ON o.id = c.agency_id
     WHERE c.status = coalesce(?, c.status) AND c.id < ? ORDER BY c.id DESC LIMIT ?"
}

pub(in crate::parties) async fn list_all(
    conn: &mut Conn<'_>,
    status: Option<CredentialStatus>,
    cursor: &Cursor,
) -> Result<Vec<CredentialOfAgency>, DbError> {
    Ok(ListAll { status, before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct Papers { agency: OrgId => SqlUuid }
    "SELECT agency_id, kind, country, status, valid_from, valid_until FROM agency_credentials WHERE agency_id = ?"
}

#[derive(QueryableByName)]
struct PaperRow {
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Text)]
    kind: CredentialKind,
    #[diesel(sql_type = Text)]
    country: Country,
    #[diesel(sql_type = Text)]
    status: CredentialStatus,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Date)]
    valid_until: NaiveDate,
}

impl PaperRow {
    const fn read(self) -> (OrgId, Paper) {
        let Self { agency_id, kind, country, status, valid_from, valid_until } = self;
        (agency_id, Paper { kind, country, status, valid_from, valid_until })
    }
}

/// All that counts towards an agency's right to bid, as far as the scope sees it.
pub(in crate::parties) async fn list_papers(conn: &mut Conn<'_>, agency: OrgId) -> Result<Vec<Paper>, DbError> {
    let rows: Vec<PaperRow> = Papers { agency }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.read().1).collect())
}

statement! {
    struct VettedPapers {}
    "SELECT agency_id, kind, country, status, valid_from, valid_until FROM agency_credentials WHERE status = 'vetted'"
}

/// The vetted papers of all agencies.
pub(in crate::parties) async fn list_vetted_papers(conn: &mut Conn<'_>) -> Result<Vec<(OrgId, Paper)>, DbError> {
    let rows: Vec<PaperRow> = VettedPapers {}.load(conn).await?;
    Ok(rows.into_iter().map(PaperRow::read).collect())
}

statement! {
    struct InForce { agency: OrgId => SqlUuid, on: NaiveDate => Date }
    "SELECT id, agency_id, kind, country, issuer, reference, valid_from, valid_until, status, decision_note, decided_at, created_at
     FROM agency_credentials WHERE agency_id = ? AND status = 'vetted' AND ? BETWEEN valid_from AND valid_until ORDER BY kind DESC, country, id"
}

/// Licences first.
pub(in crate::parties) async fn list_in_force(
    conn: &mut Conn<'_>,
    agency: OrgId,
    on: NaiveDate,
) -> Result<Vec<Credential>, DbError> {
    Ok(InForce { agency, on }.load(conn).await?)
}

statement! {
    struct Lock { id: CredentialId => SqlUuid }
    "SELECT id, agency_id, kind, country, issuer, reference, valid_from, valid_until, status, decision_note, decided_at, created_at
     FROM agency_credentials WHERE id = ? FOR UPDATE"
}

pub(in crate::parties) async fn lock(conn: &mut Conn<'_>, id: CredentialId) -> Result<Option<Credential>, DbError> {
    Ok(Lock { id }.get_result(conn).await.optional()?)
}

statement! {
    struct SetDecision<'a> {
        status: CredentialStatus => Text, note: Option<&'a str> => Nullable<Text>, by: Option<MemberId> => Nullable<SqlUuid>,
        at: Option<DateTime<Utc>> => Nullable<Timestamptz>, id: CredentialId => SqlUuid }
    "UPDATE agency_credentials SET status = ?, decision_note = ?, decided_by = ?, decided_at = ? WHERE id = ?"
}

pub(in crate::parties) async fn set_decision(
    conn: &mut Conn<'_>,
    decided: &Credential,
    by: Option<MemberId>,
) -> Result<(), DbError> {
    let (status, note, at) = (decided.status, decided.decision_note.as_deref(), decided.decided_at);
    SetDecision { status, note, by, at, id: decided.id }.execute(conn).await?;
    Ok(())
}
