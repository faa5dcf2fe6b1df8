//! SQL of organisations and members.

pub(in crate::parties) mod account_changes;
pub(in crate::parties) mod credentials;
pub(in crate::parties) mod keys;
pub(in crate::parties) mod portal_sessions;
pub(in crate::parties) mod sessions;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    member::Member,
    organisation::{Named, Organisation},
    roles::{OrgKind, Role},
};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    types::{CompanyNumber, Country, Iban, Language, MemberId, OrgId},
};

statement! {
    struct InsertOrganisation<'a> {
        id: OrgId => SqlUuid, kind: OrgKind => Text, legal_name: &'a str => Text, country: Country => Text,
        company_number: Option<&'a CompanyNumber> => Nullable<Text>, enterprise_key: Option<String> => Nullable<Text>,
        iban: Option<&'a Iban> => Nullable<Text>, language: Language => Text, email: &'a str => Text, phone: Option<&'a str> => Nullable<Text>,
        street: &'a str => Text, postal_code: &'a str => Text, city: &'a str => Text, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO organisations (id, kind, legal_name, country, company_number, enterprise_key, iban, language, email, phone,
                                street, postal_code, city, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(super) async fn insert_organisation(conn: &mut Conn<'_>, organisation: &Organisation) -> Result<(), DbError> {
    InsertOrganisation {
        id: organisation.id,
        kind: organisation.kind,
        legal_name: &organisation.legal_name,
        country: organisation.country,
        company_number: organisation.company_number.as_ref(),
        enterprise_key: organisation.enterprise_key(),
        iban: organisation.iban.as_ref(),
        language: organisation.language,
        email: &organisation.email,
        phone: organisation.phone.as_deref(),
        street: &organisation.address.street,
        postal_code: &organisation.address.postal_code,
        city: &organisation.address.city,
        created_at: organisation.created_at,
    }
    .execute(conn)
    .await?;
    Ok(())
}

statement! {
    struct FindOrganisation { id: OrgId => SqlUuid }
    "SELECT id, kind, legal_name, country, company_number, iban, language, email, phone, street, postal_code, city, suspended_at, created_at
     FROM organisations WHERE id = ?"
}

/// One that the scope may see.
pub(super) async fn find_organisation(conn: &mut Conn<'_>, id: OrgId) -> Result<Option<Organisation>, DbError> {
    Ok(FindOrganisation { id }.get_result(conn).await.optional()?)
}

statement! {
    struct ListOrganisations { before: Uuid => SqlUuid, limit: i64 => BigInt }
    "SELECT id, kind, legal_name, country, company_number, iban, language, email, phone, street, postal_code, city, suspended_at, created_at
     FROM organisations WHERE id < ? ORDER BY id DESC LIMIT ?"
}

pub(super) async fn list_organisations(conn: &mut Conn<'_>, cursor: &Cursor) -> Result<Vec<Organisation>, DbError> {
    Ok(ListOrganisations { before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct SetSuspended { at: Option<DateTime<Utc>> => Nullable<Timestamptz>, id: OrgId => SqlUuid }
    "UPDATE organisations SET suspended_at = ? WHERE id = ? AND kind <> 'operator'"
}

pub(super) async fn set_suspended(conn: &mut Conn<'_>, id: OrgId, at: Option<DateTime<Utc>>) -> Result<bool, DbError> {
    Ok(SetSuspended { at, id }.execute(conn).await? > 0)
}

statement! {
    struct ListNamed<'a> { ids: &'a [OrgId] => Array<SqlUuid> } "SELECT id, legal_name, country FROM organisations WHERE id = ANY(?)"
}

pub(super) async fn list_named(conn: &mut Conn<'_>, ids: &[OrgId]) -> Result<Vec<Named>, DbError> {
    Ok(ListNamed { ids }.load(conn).await?)
}

statement! {
    struct FindOperator {}
    "SELECT id, kind, legal_name, country, company_number, iban, language, email, phone, street, postal_code, city, suspended_at, created_at
     FROM organisations WHERE kind = 'operator'"
}

pub(super) async fn find_operator(conn: &mut Conn<'_>) -> Result<Option<Organisation>, DbError> {
    Ok(FindOperator {}.get_result(conn).await.optional()?)
}

statement! {
    struct InsertMember<'a> {
        id: MemberId => SqlUuid, organisation_id: OrgId => SqlUuid, email: &'a str => Text, full_name: &'a str => Text, role: Role => Text,
        password_hash: &'a str => Text, language: Language => Text, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO members (id, organisation_id, email, full_name, role, password_hash, language, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(super) async fn insert_member(conn: &mut Conn<'_>, member: &Member, password_hash: &str) -> Result<(), DbError> {
    InsertMember {
        id: member.id,
        organisation_id: member.organisation_id,
        email: &member.email,
        full_name: &member.full_name,
        role: member.role,
        password_hash,
        language: member.language,
        created_at: member.created_at,
    }
    .execute(conn)
    .await?;
    Ok(())
}

statement! {
    struct FindMember { org: OrgId => SqlUuid, id: MemberId => SqlUuid }
    "SELECT id, organisation_id, email, full_name, role, language, disabled_at, created_at FROM members WHERE organisation_id = ? AND id = ?"
}

pub(super) async fn find_member(conn: &mut Conn<'_>, org: OrgId, id: MemberId) -> Result<Option<Member>, DbError> {
    Ok(FindMember { org, id }.get_result(conn).await.optional()?)
}

statement! {
    struct ListMembers { org: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    "SELECT id, organisation_id, email, full_name, role, language, disabled_at, created_at FROM members
     WHERE organisation_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
}

pub(super) async fn list_members(conn: &mut Conn<'_>, org: OrgId, cursor: &Cursor) -> Result<Vec<Member>, DbError> {
    Ok(ListMembers { org, before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}
