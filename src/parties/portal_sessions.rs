//! Sessions of the portals: a random token in a browser's cookie, its hash in the database, looked up on every request.
//!
//! What may never happen here: a token kept in a form that opens anything; a session that outlives its idle or its absolute
//! end, the closing of its member's account, or the suspension of its organisation; an old session after a new password.
//! Times here are real times. All of it runs under `Scope::System`: nobody is known before the log-in.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    error::PartiesError,
    member::Member,
    passwords,
    roles::OrgKind,
    sessions::Account,
    store::portal_sessions as store,
    tokens::{self, Secret},
};
use crate::{
    db::Conn,
    types::{Country, Language, MemberId, fresh_uuid},
};

/// Nobody clicked for so long: whoever sits there now may be somebody else.
const IDLE: TimeDelta = TimeDelta::hours(2);
/// A working day; after it one logs in again.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
const USER_AGENT_MAX_CHARS: usize = 200;

/// Whose browser it is.
#[derive(Debug, Clone, QueryableByName)]
pub struct Recognised {
    #[diesel(sql_type = SqlUuid)]
    pub session_id: Uuid,
    /// When they last showed who they are.
    #[diesel(sql_type = Timestamptz)]
    pub proven_at: DateTime<Utc>,
    #[diesel(embed)]
    pub member: Member,
    #[diesel(sql_type = Text)]
    pub kind: OrgKind,
    #[diesel(sql_type = Text)]
    pub legal_name: String,
    #[diesel(sql_type = Text)]
    pub country: Country,
}

/// A browser that is logged in, as its owner tells them apart.
#[derive(Debug, Clone, QueryableByName)]
pub struct Device {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub user_agent: String,
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub seen_at: DateTime<Utc>,
}

/// Opens a session for an account whose password was right; the token is shown to its browser alone.
///
/// # Errors
/// No randomness, or the database fails.
pub async fn open(
    conn: &mut Conn<'_>,
    account: &Account,
    user_agent: &str,
    now: DateTime<Utc>,
) -> Result<SecretString, PartiesError> {
    let secret = Secret::refresh_token()?;
    let user_agent: String = user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_MAX_CHARS).collect();
    let session = store::Insert {
        id: fresh_uuid(),
        token_hash: &secret.hash,
        member: account.member.id,
        user_agent: &user_agent,
        started_at: now,
        seen_at: now,
        expires_at: now + LONGEST,
        proven_at: now,
    };
    store::insert(conn, &session).await?;
    Ok(secret.text.into())
}

/// Whose session a token opens at `now`, if it still does.
///
/// # Errors
/// The database fails.
pub async fn recognise(conn: &mut Conn<'_>, token: &str, now: DateTime<Utc>) -> Result<Option<Recognised>, PartiesError> {
    Ok(store::recognise(conn, &tokens::hash(token), now, now - IDLE).await?)
}

/// Somebody has shown again, in a session, who they are.
///
/// # Errors
/// The database fails.
pub async fn note_proof(conn: &mut Conn<'_>, session: Uuid, now: DateTime<Utc>) -> Result<(), PartiesError> {
    Ok(store::set_proven(conn, session, now).await?)
}

/// The browsers that a member is logged in with, last used first.
///
/// # Errors
/// The database fails.
pub async fn list_devices(conn: &mut Conn<'_>, member: MemberId, now: DateTime<Utc>) -> Result<Vec<Device>, PartiesError> {
    Ok(store::list_live(conn, member, now, now - IDLE).await?)
}

/// Ends one of a member's sessions. Doing it again changes nothing.
///
/// # Errors
/// The database fails.
pub async fn end(conn: &mut Conn<'_>, member: MemberId, session: Uuid, now: DateTime<Utc>) -> Result<(), PartiesError> {
    Ok(store::end(conn, member, session, now).await?)
}

/// Gives a member another password and ends every session but `kept`, of browsers and programs alike.
///
/// # Errors
/// The present password is wrong; the new one is too easy to guess.
pub async fn change_password(
    conn: &mut Conn<'_>,
    account: Account,
    hash: &str,
    kept: Uuid,
    now: DateTime<Utc>,
) -> Result<(), PartiesError> {
    Ok(store::set_password(conn, account.member.id, hash, kept, now).await?)
}

/// The hash of a new password for an account whose present password is right.
///
/// # Errors
/// The present password is wrong; the new one is too easy to guess.
pub async fn new_password(account: &Account, new: SecretString) -> Result<String, PartiesError> {
    let about = vec![account.member.full_name.clone(), account.member.email.clone()];
    passwords::hash(new, about).await.map_err(|error| PartiesError::Password("/new_password", error))
}

/// The language a member reads in from now on.
///
/// # Errors
/// The database fails.
pub async fn set_language(conn: &mut Conn<'_>, member: MemberId, language: Language) -> Result<(), PartiesError> {
    Ok(store::set_language(conn, member, language).await?)
}
