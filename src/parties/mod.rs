//! Organisations, the people in them, how they prove who they are, and what an agency must hold before it may bid.
//!
//! What may never happen: a password or a key kept in a form that opens anything; a member of one organisation acting
//! for another; an agency near a case without a licence and an insurance that the operator has vetted; a refresh token
//! that serves twice. Lock order: a credential's row alone; nothing else here is locked.

pub mod access;
pub mod account_changes;
pub mod api;
pub mod contact;
pub mod credentials;
pub mod error;
pub mod member;
pub mod organisation;
pub mod passwords;
pub mod portal_sessions;
pub mod roles;
pub mod sessions;
mod store;
pub mod throttle;
mod tokens;
pub mod vetting;

use std::collections::HashMap;

use crate::{
    db::{By, Conn, DbError},
    http::{Cursor, Page},
    types::{ApiKeyId, Language, MemberId, OrgId},
};

use contact::{Email, Line};
use member::{check_role, check_scopes};
use tokens::Secret;

pub use access::{AgencyMember, AnyMember, CreditorMember, Identity, OperatorMember};
pub use error::PartiesError;
pub use member::{ApiKey, Member};
pub use organisation::{Address, Company, Named, Organisation, SignUpKind};
pub use roles::{OrgKind, Permission, Role};

/// A person to be taken in. The password was judged and hashed before the transaction began.
#[derive(Debug)]
pub struct NewMember<'a> {
    pub email: &'a Email,
    pub full_name: &'a Line,
    pub role: Role,
    pub language: Option<Language>,
    pub password_hash: &'a str,
    /// JSON pointer to blame when the address is taken.
    pub email_pointer: &'static str,
}

/// A creditor or an agency signs up with its first administrator. Under `Scope::System`.
///
/// # Errors
/// The company number is none; the enterprise has signed up as this kind already; the mail address is taken.
pub async fn sign_up(
    conn: &mut Conn<'_>,
    by: &By,
    kind: SignUpKind,
    company: &Company,
    admin: &NewMember<'_>,
) -> Result<(Organisation, Member), PartiesError> {
    let organisation = Organisation::of(company, kind.into(), by.at)?;
    store::insert_organisation(conn, &organisation).await?;
    let admin = add_member(conn, by, &organisation, admin).await?;
    Ok((organisation, admin))
}

/// An administrator of the platform; the first one brings the company that runs it. Under `Scope::System`.
///
/// # Errors
/// There is no operator yet and no company is given; the company number is none; the mail address is taken.
pub async fn create_operator(
    conn: &mut Conn<'_>,
    by: &By,
    company: Option<&Company>,
    admin: &NewMember<'_>,
) -> Result<(Organisation, Member), PartiesError> {
    let organisation = match store::find_operator(conn).await? {
        Some(operator) => operator,
        None => {
            let company = company.ok_or(PartiesError::NoOperator)?;
            let operator = Organisation::of(company, OrgKind::Operator, by.at)?;
            store::insert_organisation(conn, &operator).await?;
            operator
        }
    };
    let admin = add_member(conn, by, &organisation, admin).await?;
    Ok((organisation, admin))
}

/// Takes a person into an organisation.
///
/// # Errors
/// The role does not exist in such an organisation; the mail address is taken.
pub async fn add_member(
    conn: &mut Conn<'_>,
    by: &By,
    organisation: &Organisation,
    new: &NewMember<'_>,
) -> Result<Member, PartiesError> {
    check_role(organisation.kind, new.role)?;
    let member = Member {
        id: MemberId::fresh(),
        organisation_id: organisation.id,
        email: new.email.to_string(),
        full_name: new.full_name.to_string(),
        role: new.role,
        language: new.language.unwrap_or(organisation.language),
        disabled_at: None,
        created_at: by.at,
    };
    store::insert_member(conn, &member, new.password_hash).await.map_err(|error| match error {
        DbError::Violates(name) if name == "members_email_unique" => PartiesError::EmailTaken(new.email_pointer),
        DbError::Busy(_) | DbError::Violates(_) | DbError::Other(_) => error.into(),
    })?;
    Ok(member)
}

/// An organisation that `by` may see: its own, the operator, and whoever it shares a case with.
///
/// # Errors
/// There is none such.
pub async fn find_organisation(conn: &mut Conn<'_>, _: &By, id: OrgId) -> Result<Organisation, PartiesError> {
    store::find_organisation(conn, id).await?.ok_or(PartiesError::NotFound)
}

/// Everybody who is here, newest first: for the operator.
///
/// # Errors
/// The database fails.
pub async fn list_organisations(conn: &mut Conn<'_>, _: &By, cursor: &Cursor) -> Result<Page<Organisation>, PartiesError> {
    Ok(cursor.page(store::list_organisations(conn, cursor).await?, |organisation| organisation.id.0))
}

/// Lets nobody of an organisation in any more, by session or by key, or lets them in again. The operator itself stays.
///
/// # Errors
/// There is none such, or it is the operator.
pub async fn set_suspended(conn: &mut Conn<'_>, by: &By, id: OrgId, suspended: bool) -> Result<(), PartiesError> {
    if store::set_suspended(conn, id, suspended.then_some(by.at)).await? { Ok(()) } else { Err(PartiesError::NotFound) }
}

/// The names of some organisations that `by` may see: one query however many.
///
/// # Errors
/// The database fails.
pub async fn names_of(conn: &mut Conn<'_>, _: &By, ids: &[OrgId]) -> Result<HashMap<OrgId, Named>, PartiesError> {
    Ok(store::list_named(conn, ids).await?.into_iter().map(|named| (named.id, named)).collect())
}

/// The platform itself.
///
/// # Errors
/// It was not set up yet.
pub async fn operator(conn: &mut Conn<'_>) -> Result<Organisation, PartiesError> {
    store::find_operator(conn).await?.ok_or(PartiesError::NoOperator)
}

/// # Errors
/// There is none such in the organisation.
pub async fn find_member(conn: &mut Conn<'_>, org: OrgId, id: MemberId) -> Result<Member, PartiesError> {
    store::find_member(conn, org, id).await?.ok_or(PartiesError::NotFound)
}

/// The people of an organisation, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_members(conn: &mut Conn<'_>, org: OrgId, cursor: &Cursor) -> Result<Page<Member>, PartiesError> {
    Ok(cursor.page(store::list_members(conn, org, cursor).await?, |member| member.id.0))
}

/// Makes an API key; returns it with its secret, which is kept nowhere.
///
/// # Errors
/// A scope that such a key may not carry, or none at all.
pub async fn create_api_key(
    conn: &mut Conn<'_>,
    by: &By,
    (org, kind): (OrgId, OrgKind),
    creator: MemberId,
    name: &Line,
    scopes: &[Permission],
) -> Result<(ApiKey, String), PartiesError> {
    let scopes = check_scopes(kind, scopes)?;
    let secret = Secret::api_key()?;
    let key = ApiKey {
        id: ApiKeyId::fresh(),
        name: name.to_string(),
        hint: secret.hint(),
        scopes,
        created_by: creator,
        created_at: by.at,
        revoked_at: None,
    };
    store::keys::insert(conn, org, &key, &secret.hash).await?;
    Ok((key, secret.text))
}

/// The keys of an organisation, revoked ones too, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_api_keys(conn: &mut Conn<'_>, org: OrgId, cursor: &Cursor) -> Result<Page<ApiKey>, PartiesError> {
    Ok(cursor.page(store::keys::list(conn, org, cursor).await?, |key| key.id.0))
}

/// Revokes a key at once and for good. Doing it again changes nothing.
///
/// # Errors
/// There is none such in the organisation.
pub async fn revoke_api_key(conn: &mut Conn<'_>, by: &By, org: OrgId, id: ApiKeyId) -> Result<(), PartiesError> {
    if store::keys::revoke(conn, org, id, by.at).await? { Ok(()) } else { Err(PartiesError::NotFound) }
}
