//! SQL of the print queue. A letter is its pursuer's: the agency's whose action it is, else the creditor's.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    recovery::{
        letters::{Letter, LetterBundle, LetterSettings, LetterState, SentWhen},
        policy::Rule,
        runs::Taken,
    },
    types::{ActionId, CaseId, DeliveryId, LetterBundleId, OrgId, StrategyRunId},
};

/// Letters with how far they have come; `contact_epoch` tells whether contact was stopped since one was drawn.
macro_rules! letters {
    ($condition:literal) => {
        concat!(
            "SELECT d.id, d.case_id, c.reference AS case_reference, d.subject AS reference, coalesce(d.recipient, '{}') AS recipient,
                d.queued_at AS made_at, d.bundle_id, d.posted_on, coalesce(a.agency_id, d.creditor_id) AS owner_id,
                CASE WHEN d.status = 'bounced' THEN 'returned' WHEN d.posted_on IS NOT NULL THEN 'posted'
                     WHEN d.status NOT IN ('queued', 'sent') OR d.contact_epoch <> c.contact_epoch THEN 'withdrawn'
                     WHEN d.bundle_id IS NOT NULL THEN 'printed' ELSE 'to_print' END AS state
             FROM deliveries d JOIN actions a ON a.id = d.action_id JOIN cases c ON c.id = d.case_id
             WHERE d.channel = 'letter' AND ",
            $condition
        )
    };
}

statement! {
    struct List { agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid, before: uuid::Uuid => SqlUuid, any: bool => Bool,
                  states: Vec<LetterState> => Array<Text>, limit: i64 => BigInt }
    concat!("SELECT * FROM (", letters!("(a.agency_id = ? OR (d.creditor_id = ? AND a.agency_id IS NULL)) AND d.id < ?"),
            ") letter WHERE ? OR state = ANY(?) ORDER BY id DESC LIMIT ?")
}

pub async fn list(conn: &mut Conn<'_>, owner: OrgId, state: Option<LetterState>, cursor: Cursor) -> Result<Vec<Letter>, DbError> {
    let states = state.into_iter().collect();
    let list =
        List { agency: owner, creditor: owner, before: cursor.before, any: state.is_none(), states, limit: cursor.fetch() };
    Ok(list.load(conn).await?)
}

statement! {
    struct Find { id: DeliveryId => SqlUuid, owner: OrgId => SqlUuid }
    concat!("SELECT * FROM (", letters!("d.id = ?"), ") letter WHERE owner_id = ?")
}

pub async fn find(conn: &mut Conn<'_>, owner: OrgId, id: DeliveryId) -> Result<Option<Letter>, DbError> {
    Ok(Find { id, owner }.get_result(conn).await.optional()?)
}

statement! {
    struct OfBundle { bundle: LetterBundleId => SqlUuid }
    concat!("SELECT * FROM (", letters!("d.bundle_id = ?"), ") letter ORDER BY id")
}

pub async fn list_of_bundle(conn: &mut Conn<'_>, bundle: LetterBundleId) -> Result<Vec<Letter>, DbError> {
    Ok(OfBundle { bundle }.load(conn).await?)
}

statement! {
    struct LockToPrint { agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid, any: bool => Bool, ids: Vec<DeliveryId> => Array<SqlUuid>, limit: i64 => BigInt }
    "SELECT d.id FROM deliveries d JOIN actions a ON a.id = d.action_id JOIN cases c ON c.id = d.case_id
     WHERE d.channel = 'letter' AND d.posted_on IS NULL AND d.bundle_id IS NULL AND (a.agency_id = ? OR (d.creditor_id = ? AND a.agency_id IS NULL))
       AND d.status IN ('queued', 'sent') AND d.contact_epoch = c.contact_epoch AND (? OR d.id = ANY(?))
     ORDER BY d.id LIMIT ? FOR UPDATE OF d"
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: DeliveryId,
}

/// Letters that are to be printed, the oldest first; of those named, where some are.
pub async fn lock_to_print(
    conn: &mut Conn<'_>,
    owner: OrgId,
    named: Option<&[DeliveryId]>,
    limit: i64,
) -> Result<Vec<DeliveryId>, DbError> {
    let ids = named.unwrap_or_default().to_vec();
    let lock = LockToPrint { agency: owner, creditor: owner, any: named.is_none(), ids, limit };
    Ok(lock.load::<IdRow>(conn).await?.into_iter().map(|row| row.id).collect())
}

statement! {
    struct InsertBundle { id: LetterBundleId => SqlUuid, owner: OrgId => SqlUuid, double_sided: bool => Bool, made_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO letter_bundles (id, owner_id, double_sided, made_at) VALUES (?, ?, ?, ?)"
}

pub async fn insert_bundle(
    conn: &mut Conn<'_>,
    id: LetterBundleId,
    owner: OrgId,
    double_sided: bool,
    made_at: DateTime<Utc>,
) -> Result<(), DbError> {
    InsertBundle { id, owner, double_sided, made_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetBundle<'a> { bundle: LetterBundleId => SqlUuid, ids: &'a [DeliveryId] => Array<SqlUuid> }
    "UPDATE deliveries SET bundle_id = ? WHERE id = ANY(?)"
}

pub async fn set_bundle(conn: &mut Conn<'_>, bundle: LetterBundleId, ids: &[DeliveryId]) -> Result<(), DbError> {
    SetBundle { bundle, ids }.execute(conn).await?;
    Ok(())
}

macro_rules! bundles {
    ($condition:literal) => {
        concat!(
            "SELECT b.id, b.double_sided, b.made_at, count(d.id) AS letters, count(d.posted_on) AS posted
             FROM letter_bundles b LEFT JOIN deliveries d ON d.bundle_id = b.id WHERE ",
            $condition
        )
    };
}

statement! {
    struct FindBundle { id: LetterBundleId => SqlUuid } bundles!("b.id = ? GROUP BY b.id")
}
statement! {
    struct ListBundles { before: uuid::Uuid => SqlUuid, limit: i64 => BigInt } bundles!("b.id < ? GROUP BY b.id ORDER BY b.id DESC LIMIT ?")
}

pub async fn find_bundle(conn: &mut Conn<'_>, id: LetterBundleId) -> Result<Option<LetterBundle>, DbError> {
    Ok(FindBundle { id }.get_result(conn).await.optional()?)
}

/// Newest first, as far as row-level security shows them.
pub async fn list_bundles(conn: &mut Conn<'_>, cursor: Cursor) -> Result<Vec<LetterBundle>, DbError> {
    Ok(ListBundles { before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct IsOf { id: LetterBundleId => SqlUuid, owner: OrgId => SqlUuid }
    "SELECT EXISTS (SELECT FROM letter_bundles WHERE id = ? AND owner_id = ?) AS yes"
}

#[derive(QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

pub async fn is_of(conn: &mut Conn<'_>, id: LetterBundleId, owner: OrgId) -> Result<bool, DbError> {
    Ok(IsOf { id, owner }.get_result::<Yes>(conn).await?.yes)
}

statement! {
    struct SetRecipient<'a> { recipient: &'a Value => Jsonb, id: DeliveryId => SqlUuid } "UPDATE deliveries SET recipient = ? WHERE id = ?"
}

pub async fn set_recipient(conn: &mut Conn<'_>, id: DeliveryId, recipient: &Value) -> Result<(), DbError> {
    SetRecipient { recipient, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetPosted { posted_on: NaiveDate => Date, id: DeliveryId => SqlUuid } "UPDATE deliveries SET posted_on = ? WHERE id = ?"
}

pub async fn set_posted(conn: &mut Conn<'_>, id: DeliveryId, posted_on: NaiveDate) -> Result<(), DbError> {
    SetPosted { posted_on, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct StopStale { rule: Rule => Text, case: CaseId => SqlUuid, contact_epoch: i32 => Integer }
    "WITH stopped AS (
        UPDATE deliveries SET status = 'stopped', error = ?
        WHERE case_id = ? AND channel = 'letter' AND status = 'queued' AND contact_epoch <> ? RETURNING id, action_id)
     SELECT s.id, s.action_id, a.run_id, a.step, a.is_fallback FROM stopped s JOIN actions a ON a.id = s.action_id"
}

/// A letter whose step was not taken.
#[derive(QueryableByName)]
pub struct Withdrawn {
    #[diesel(sql_type = SqlUuid)]
    pub id: DeliveryId,
    #[diesel(sql_type = SqlUuid)]
    pub action_id: ActionId,
    #[diesel(sql_type = SqlUuid)]
    pub run_id: StrategyRunId,
    /// Counted from 0.
    #[diesel(sql_type = Integer)]
    pub step: i32,
    #[diesel(sql_type = Bool)]
    pub is_fallback: bool,
}

impl Withdrawn {
    #[must_use]
    pub const fn taken(&self) -> Taken {
        Taken { run: self.run_id, step: self.step, is_fallback: self.is_fallback }
    }
}

/// Stops the letters that were drawn before contact was last stopped and are not in the post.
pub async fn stop_stale(conn: &mut Conn<'_>, case: CaseId, contact_epoch: i32, rule: Rule) -> Result<Vec<Withdrawn>, DbError> {
    Ok(StopStale { rule, case, contact_epoch }.load(conn).await?)
}

statement! {
    struct FindSettings { owner: OrgId => SqlUuid } "SELECT sent_when, version FROM letter_settings WHERE owner_id = ?"
}

pub async fn find_settings(conn: &mut Conn<'_>, owner: OrgId) -> Result<Option<LetterSettings>, DbError> {
    Ok(FindSettings { owner }.get_result(conn).await.optional()?)
}

statement! {
    struct InsertSettings { owner: OrgId => SqlUuid, sent_when: SentWhen => Text }
    "INSERT INTO letter_settings (owner_id, sent_when, version) VALUES (?, ?, 1) ON CONFLICT (owner_id) DO NOTHING"
}
statement! {
    struct UpdateSettings { sent_when: SentWhen => Text, owner: OrgId => SqlUuid, version: i32 => Integer }
    "UPDATE letter_settings SET sent_when = ?, version = version + 1 WHERE owner_id = ? AND version = ?"
}

/// `false`: the settings are not at `version`.
pub async fn write_settings(conn: &mut Conn<'_>, owner: OrgId, version: i32, sent_when: SentWhen) -> Result<bool, DbError> {
    let written = if version == 0 {
        InsertSettings { owner, sent_when }.execute(conn).await?
    } else {
        UpdateSettings { sent_when, owner, version }.execute(conn).await?
    };
    Ok(written == 1)
}
