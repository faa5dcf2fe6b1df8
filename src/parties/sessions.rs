//! Log-in, its renewal and its end.
//!
//! A refresh token serves once. Its second use means that two hold it, and one of them stole it: the whole family is
//! revoked, and that revocation must be committed although the answer is a refusal. Times here are real times.
//! All of it runs under `Scope::System`: nobody is known before the log-in.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    error::PartiesError,
    member::Member,
    passwords,
    roles::OrgKind,
    store::sessions::{self as store, InsertRefreshToken},
    tokens::{self, Claims, REFRESH_LIFETIME, Secret},
};
use crate::{
    db::Conn,
    types::{MemberId, fresh_uuid},
};

/// A member, what it proves itself with, and whether its organisation is let in.
#[derive(QueryableByName)]
pub struct Account {
    #[diesel(embed)]
    pub member: Member,
    #[diesel(sql_type = Text)]
    password_hash: String,
    #[diesel(sql_type = Text)]
    pub kind: OrgKind,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    suspended_at: Option<DateTime<Utc>>,
}

/// A fresh pair of tokens in the making: the claims are still to be signed.
#[derive(Debug)]
pub struct Session {
    pub claims: Claims,
    pub refresh_token: SecretString,
    pub refresh_expires_at: DateTime<Utc>,
    pub member: Member,
}

/// What came of a refresh token. `Stolen` is no error, so that its transaction commits.
#[derive(Debug)]
pub enum Refreshment {
    Fresh(Box<Session>),
    Stolen,
}

/// The account behind a mail address, in whatever case it is written.
///
/// # Errors
/// The database fails.
pub async fn find_account(conn: &mut Conn<'_>, email: &str) -> Result<Option<Account>, PartiesError> {
    Ok(store::find_account(conn, email).await?)
}

/// A member's account.
///
/// # Errors
/// The database fails.
pub async fn find_account_of(conn: &mut Conn<'_>, member: MemberId) -> Result<Option<Account>, PartiesError> {
    Ok(store::find_account_of(conn, member).await?)
}

/// Whether the password opens the account. As slow for an account that does not exist.
///
/// # Errors
/// Wrong address or password; account closed or organisation suspended, which only the right password reveals.
pub async fn check_password(account: Option<Account>, password: SecretString) -> Result<Account, PartiesError> {
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let matched = passwords::matches(password, stored).await.map_err(|error| PartiesError::Password("/password", error))?;
    let account = account.filter(|_| matched).ok_or(PartiesError::WrongLogIn)?;
    check_open(&account)?;
    Ok(account)
}

pub(super) fn check_open(account: &Account) -> Result<(), PartiesError> {
    if account.member.disabled_at.is_some() {
        return Err(PartiesError::Disabled);
    }
    if account.suspended_at.is_some() { Err(PartiesError::Suspended) } else { Ok(()) }
}

/// Opens a session for an account whose password was right.
///
/// # Errors
/// No randomness, or the database fails.
pub async fn open(conn: &mut Conn<'_>, account: Account, now: DateTime<Utc>) -> Result<Session, PartiesError> {
    extend(conn, account, (fresh_uuid(), now), now).await
}

/// Trades a refresh token for a fresh pair.
///
/// # Errors
/// The token is unknown, expired or revoked; the account was closed or its organisation suspended.
pub async fn refresh(conn: &mut Conn<'_>, token: &str, now: DateTime<Utc>) -> Result<Refreshment, PartiesError> {
    let hash = tokens::hash(token);
    if let Some(used) = store::use_refresh_token(conn, &hash, now).await? {
        let account = store::find_account_of(conn, used.member_id).await?.ok_or(PartiesError::SessionOver)?;
        check_open(&account)?;
        return Ok(Refreshment::Fresh(Box::new(extend(conn, account, (used.family_id, used.proven_at), now).await?)));
    }
    match store::find_family_of_used(conn, &hash).await? {
        Some(family) => {
            store::revoke_family(conn, family, now).await?;
            Ok(Refreshment::Stolen)
        }
        None => Err(PartiesError::SessionOver),
    }
}

/// Ends a session: none of its refresh tokens serves any more. Access tokens run out by themselves.
///
/// # Errors
/// The database fails.
pub async fn close(conn: &mut Conn<'_>, family: Uuid, now: DateTime<Utc>) -> Result<(), PartiesError> {
    Ok(store::revoke_family(conn, family, now).await?)
}

/// What an access token says of somebody who has just shown who they are.
#[must_use]
pub fn claims(account: &Account, session: Uuid, now: DateTime<Utc>) -> Claims {
    let member = &account.member;
    Claims::new(member.id, &member.full_name, member.organisation_id, account.kind, member.role, session, now)
}

/// Somebody has shown again, in a session, who they are.
///
/// # Errors
/// The database fails.
pub async fn note_proof(conn: &mut Conn<'_>, family: Uuid, now: DateTime<Utc>) -> Result<(), PartiesError> {
    Ok(store::set_proven(conn, family, now).await?)
}

async fn extend(
    conn: &mut Conn<'_>,
    account: Account,
    (family, proven_at): (Uuid, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Session, PartiesError> {
    let secret = Secret::refresh_token()?;
    let refresh_expires_at = now + REFRESH_LIFETIME;
    let claims = Claims { auth_time: proven_at.timestamp(), ..claims(&account, family, now) };
    let member = account.member;
    let token = InsertRefreshToken {
        hash: &secret.hash,
        family,
        member: member.id,
        issued_at: now,
        expires_at: refresh_expires_at,
        proven_at,
    };
    store::insert_refresh_token(conn, &token).await?;
    Ok(Session { claims, refresh_token: secret.text.into(), refresh_expires_at, member })
}
