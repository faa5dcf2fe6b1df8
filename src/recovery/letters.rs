//! The print queue: letters are printed in bundles, posted by people, and some come back.
//!
//! What may never happen here: a letter to be posted whose contact was stopped since it was drawn; one counted as posted twice;
//! one organisation printing the letters of another. Lock order: case, delivery.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    RecoveryError, delivery,
    dossier::Dossier,
    policy::Rule,
    records::{ActionStatus, DeliveryStatus},
    runs,
    store::{actions, letters as store},
};
use crate::{
    cases::{self, Case, EventKind},
    db::{By, Conn},
    http::Cursor,
    types::{CaseId, Channel, DeliveryId, LetterBundleId, OrgId, clock::day_in, text_enum},
};

/// Letters in one bundle.
pub const BUNDLE_MAX: i64 = 200;

text_enum! {
    /// How far a letter has come.
    pub enum LetterState {
        ToPrint => "to_print",
        Printed => "printed",
        Posted => "posted",
        /// It came back; nothing is posted to its address any more.
        Returned => "returned",
        /// Contact was stopped before it was posted: it stays where it is.
        Withdrawn => "withdrawn",
    }
}

text_enum! {
    /// When a letter counts as sent.
    pub enum SentWhen {
        /// At once: whoever prints fetches and posts it the same day.
        Made => "made",
        /// When somebody says that it is in the post; the strategy waits for it.
        Posted => "posted",
    }
}

/// A letter in the print queue.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct Letter {
    #[diesel(sql_type = SqlUuid)]
    pub id: DeliveryId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Text)]
    pub case_reference: String,
    /// As printed on it.
    #[diesel(sql_type = Text)]
    #[schema(example = "L-9D3F4A5B6C")]
    pub reference: String,
    /// Name, street, postal code, city and country, as printed on it.
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = Recipient)]
    pub recipient: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub state: LetterState,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub bundle_id: Option<LetterBundleId>,
    #[diesel(sql_type = Nullable<Date>)]
    pub posted_on: Option<NaiveDate>,
}

/// Whom a letter is for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Recipient {
    pub name: String,
    pub street: String,
    pub postal_code: String,
    pub city: String,
    pub country: String,
}

/// Letters that are printed together.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct LetterBundle {
    #[diesel(sql_type = SqlUuid)]
    pub id: LetterBundleId,
    #[diesel(sql_type = Bool)]
    pub double_sided: bool,
    #[diesel(sql_type = BigInt)]
    pub letters: i64,
    /// In the post.
    #[diesel(sql_type = BigInt)]
    pub posted: i64,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
}

/// Which letters to print together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBundle {
    /// Each letter begins on a sheet of its own.
    #[serde(default)]
    pub double_sided: bool,
    /// All that are to be printed unless said, the oldest first, 200 at most.
    #[serde(default)]
    pub letter_ids: Option<Vec<DeliveryId>>,
}

/// What was posted, and what must not be.
#[derive(Debug, Serialize, ToSchema)]
pub struct BundlePosted {
    pub posted: Vec<DeliveryId>,
    /// Contact was stopped since they were printed: take them out.
    pub withdrawn: Vec<DeliveryId>,
}

/// How an organisation sends letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
pub struct LetterSettings {
    #[diesel(sql_type = Text)]
    pub sent_when: SentWhen,
    /// 0 while nothing was said.
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

/// How an organisation wants letters sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterSetting {
    pub sent_when: SentWhen,
}

/// # Errors
/// The database fails.
pub async fn settings(conn: &mut Conn<'_>, _: &By, owner: OrgId) -> Result<LetterSettings, RecoveryError> {
    Ok(store::find_settings(conn, owner).await?.unwrap_or(LetterSettings { sent_when: SentWhen::Made, version: 0 }))
}

/// # Errors
/// Somebody has set it since.
pub async fn set(
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    version: i32,
    setting: &LetterSetting,
) -> Result<LetterSettings, RecoveryError> {
    if !store::write_settings(conn, owner, version, setting.sent_when).await? {
        return Err(RecoveryError::Stale(settings(conn, by, owner).await?.version));
    }
    settings(conn, by, owner).await
}

/// An organisation's own letters, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(
    conn: &mut Conn<'_>,
    _: &By,
    owner: OrgId,
    state: Option<LetterState>,
    cursor: Cursor,
) -> Result<Vec<Letter>, RecoveryError> {
    Ok(store::list(conn, owner, state, cursor).await?)
}

/// Puts letters together for the printer.
///
/// # Errors
/// None is to be printed; one that was named is not.
pub async fn make_bundle(conn: &mut Conn<'_>, by: &By, owner: OrgId, new: &NewBundle) -> Result<LetterBundle, RecoveryError> {
    let wanted = new.letter_ids.as_deref();
    let letters = store::lock_to_print(conn, owner, wanted, BUNDLE_MAX).await?;
    if let Some(missing) = wanted.and_then(|wanted| wanted.iter().position(|id| !letters.contains(id))) {
        let why = format!("/letter_ids/{missing} is no letter of yours that is to be printed, or it is beyond {BUNDLE_MAX}");
        return Err(RecoveryError::Invalid("/letter_ids", why));
    }
    if letters.is_empty() {
        return Err(RecoveryError::NothingToPrint);
    }
    let id = LetterBundleId::fresh();
    store::insert_bundle(conn, id, owner, new.double_sided, by.at).await?;
    store::set_bundle(conn, id, &letters).await?;
    find_bundle(conn, by, id).await
}

/// # Errors
/// Not visible.
pub async fn find_bundle(conn: &mut Conn<'_>, _: &By, id: LetterBundleId) -> Result<LetterBundle, RecoveryError> {
    store::find_bundle(conn, id).await?.ok_or(RecoveryError::NotFound("bundle of letters"))
}

/// An organisation's bundles, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_bundles(conn: &mut Conn<'_>, _: &By, cursor: Cursor) -> Result<Vec<LetterBundle>, RecoveryError> {
    Ok(store::list_bundles(conn, cursor).await?)
}

/// The letters of a bundle, in the order in which they are printed. One withdrawn since is not printed any more.
///
/// # Errors
/// Not visible.
pub async fn letters_of(conn: &mut Conn<'_>, by: &By, id: LetterBundleId) -> Result<Vec<Letter>, RecoveryError> {
    find_bundle(conn, by, id).await?;
    let mut letters = store::list_of_bundle(conn, id).await?;
    letters.retain(|letter| letter.state != LetterState::Withdrawn);
    Ok(letters)
}

/// Somebody has put a letter in the post. Under `Scope::System`: `owner` is whose letter it has to be. Harmless when repeated.
///
/// # Errors
/// Not a letter of theirs, withdrawn, or a day before it was made or after today.
pub async fn post(
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    id: DeliveryId,
    posted_on: NaiveDate,
) -> Result<Letter, RecoveryError> {
    let (mut case, letter) = lock(conn, by, owner, id).await?;
    match letter.state {
        LetterState::Posted | LetterState::Returned => return Ok(letter),
        LetterState::Withdrawn => return Err(RecoveryError::LetterIs(letter.state)),
        LetterState::ToPrint | LetterState::Printed => {}
    }
    let zone = case_zone(conn, by, &case).await?;
    if posted_on < day_in(zone, letter.made_at) || posted_on > day_in(zone, by.at) {
        return Err(RecoveryError::Invalid("/posted_on", "a letter is posted on a day from its own to today".to_owned()));
    }
    store::set_posted(conn, id, posted_on).await?;
    if let Some((_, leaving)) = delivery::lock(conn, by, id).await?
        && leaving.status == DeliveryStatus::Queued
    {
        delivery::sent(conn, by, &mut case, &leaving, None).await?;
    }
    Ok(store::find(conn, owner, id).await?.unwrap_or(letter))
}

/// Somebody has put a bundle in the post; what was withdrawn since it was printed is told, and stays. Under `Scope::System`.
///
/// # Errors
/// As [`post`].
pub async fn post_bundle(
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    id: LetterBundleId,
    posted_on: NaiveDate,
) -> Result<BundlePosted, RecoveryError> {
    if !store::is_of(conn, id, owner).await? {
        return Err(RecoveryError::NotFound("bundle of letters"));
    }
    let mut done = BundlePosted { posted: Vec::new(), withdrawn: Vec::new() };
    let mut letters = store::list_of_bundle(conn, id).await?;
    // Cases are locked in one order, whoever else posts.
    letters.sort_by_key(|letter| (letter.case_id, letter.id));
    for letter in letters {
        match post(conn, by, owner, letter.id, posted_on).await {
            Ok(letter) => done.posted.push(letter.id),
            Err(RecoveryError::LetterIs(_)) => done.withdrawn.push(letter.id),
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// A letter came back: its address is used no more, a person is asked, and the strategy's branch for it is taken. Under
/// `Scope::System`. Harmless when repeated.
///
/// # Errors
/// Not a letter of theirs that was posted.
pub async fn take_back(conn: &mut Conn<'_>, by: &By, owner: OrgId, id: DeliveryId, said: &str) -> Result<Letter, RecoveryError> {
    cases::check_text(said)?;
    let (mut case, letter) = lock(conn, by, owner, id).await?;
    match letter.state {
        LetterState::Returned => return Ok(letter),
        LetterState::Posted => {}
        LetterState::ToPrint | LetterState::Printed | LetterState::Withdrawn => {
            return Err(RecoveryError::LetterIs(letter.state));
        }
    }
    if let Some((_, leaving)) = delivery::lock(conn, by, id).await? {
        delivery::came_back(conn, by, &mut case, &leaving, (said, true)).await?;
    }
    Ok(store::find(conn, owner, id).await?.unwrap_or(letter))
}

async fn lock(conn: &mut Conn<'_>, by: &By, owner: OrgId, id: DeliveryId) -> Result<(Case, Letter), RecoveryError> {
    let missing = RecoveryError::NotFound("letter");
    let Some(letter) = store::find(conn, owner, id).await? else { return Err(missing) };
    let case = cases::lock(conn, by, letter.case_id).await?;
    // As it is now that nobody else moves the case.
    let letter = store::find(conn, owner, id).await?.ok_or(missing)?;
    Ok((case, letter))
}

async fn case_zone(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<chrono_tz::Tz, RecoveryError> {
    Ok(Dossier::of(conn, by, case).await?.calendar.zone())
}

/// Withdraws the letters that were drawn before contact was stopped and are not in the post: their steps come again. The caller
/// saves the case.
///
/// # Errors
/// The database fails.
pub async fn stop_stale(conn: &mut Conn<'_>, by: &By, case: &mut Case) -> Result<(), RecoveryError> {
    for stale in store::stop_stale(conn, case.id, case.contact_epoch, Rule::Stopped).await? {
        actions::set_status(conn, stale.action_id, ActionStatus::Stopped, Some(Rule::Stopped)).await?;
        runs::take_back(conn, stale.taken()).await?;
        let told =
            json!({ "delivery_id": stale.id, "action_id": stale.action_id, "channel": Channel::Letter, "rule": Rule::Stopped });
        case.record(by, EventKind::ContactStopped, told);
    }
    Ok(())
}
