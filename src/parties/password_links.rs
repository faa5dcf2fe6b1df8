//! Links in mails by which somebody sets a password: forgotten, or invited into an organisation.
//!
//! What may never happen here: a link that serves twice, after its time, or after a later password; anybody learning from an
//! answer whether an address has an account. Times are real times. All of it runs under `Scope::System`: nobody is known yet.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Text, Uuid as SqlUuid},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{
    error::PartiesError,
    passwords, sessions,
    store::{password_links as store, portal_sessions},
};
use crate::{
    db::{By, Conn},
    jobs,
    types::{Country, Language, MemberId, fresh_uuid, text_enum},
};

text_enum! {
    /// What a link is for.
    pub enum LinkPurpose {
        Forgotten => "forgotten",
        Invitation => "invitation",
    }
}

impl LinkPurpose {
    const fn serves(self) -> TimeDelta {
        match self {
            Self::Forgotten => TimeDelta::hours(1),
            Self::Invitation => TimeDelta::days(7),
        }
    }
}

/// Whoever asks again sooner finds the mail in the box already.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(2);

/// A link that still serves, and whose.
#[derive(Debug, Clone, QueryableByName)]
pub struct PasswordLink {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub purpose: LinkPurpose,
    #[diesel(sql_type = SqlUuid)]
    pub member_id: MemberId,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub full_name: String,
    #[diesel(sql_type = Text)]
    pub language: Language,
    #[diesel(sql_type = Text)]
    pub legal_name: String,
    #[diesel(sql_type = Text)]
    pub country: Country,
}

/// Makes a link and has it mailed to the member.
///
/// # Errors
/// The database fails.
pub async fn issue(
    conn: &mut Conn<'_>,
    by: &By,
    member: MemberId,
    purpose: LinkPurpose,
    now: DateTime<Utc>,
) -> Result<(), PartiesError> {
    let id = fresh_uuid();
    store::insert(conn, &store::Insert { id, member, purpose, issued_at: now, expires_at: now + purpose.serves() }).await?;
    Ok(jobs::enqueue(conn, "notices.password_link", &json!({ "link_id": id }), by.at).await?)
}

/// As [`issue`], for whoever has this address, if anybody may log in with it and was not sent one a moment ago.
///
/// # Errors
/// The database fails.
pub async fn issue_to(conn: &mut Conn<'_>, by: &By, email: &str, now: DateTime<Utc>) -> Result<(), PartiesError> {
    let Some(account) = sessions::find_account(conn, email).await? else { return Ok(()) };
    if sessions::check_open(&account).is_err() || store::was_issued_after(conn, account.member.id, now - AGAIN_AFTER).await? {
        return Ok(());
    }
    issue(conn, by, account.member.id, LinkPurpose::Forgotten, now).await
}

/// The link, if it still serves.
///
/// # Errors
/// The database fails.
pub async fn find(conn: &mut Conn<'_>, id: Uuid, now: DateTime<Utc>) -> Result<Option<PasswordLink>, PartiesError> {
    Ok(store::find(conn, id, now).await?)
}

/// The hash of the password that is set by a link.
///
/// # Errors
/// It is too easy to guess.
pub async fn new_password(link: &PasswordLink, new: SecretString) -> Result<String, PartiesError> {
    let about = vec![link.full_name.clone(), link.email.clone()];
    passwords::hash(new, about).await.map_err(|error| PartiesError::Password("/new_password", error))
}

/// Sets the password, ends every session, and with this link all others of its member. `false`: it serves no more.
///
/// # Errors
/// The database fails.
pub async fn set_password(
    conn: &mut Conn<'_>,
    link: &PasswordLink,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, PartiesError> {
    if !store::spend(conn, link.id, now).await? {
        return Ok(false);
    }
    store::spend_all_of(conn, link.member_id, now).await?;
    portal_sessions::set_password(conn, link.member_id, hash, Uuid::nil(), now).await?;
    Ok(true)
}
