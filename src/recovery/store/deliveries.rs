//! SQL of deliveries.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Bool, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::{
        policy::Rule,
        records::{Delivery, DeliveryStatus},
        runs::Taken,
        strategy::Template,
    },
    types::{ActionId, CaseId, Channel, DeliveryId, DocumentId, OrgId, StrategyRunId, Tone},
};

statement! {
    pub struct Insert<'a> { id: DeliveryId => SqlUuid, action: ActionId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid,
                            channel: Channel => Text, sender: &'a str => Text, reply_to: Option<&'a str> => Nullable<Text>, address: &'a str => Text,
                            subject: &'a str => Text, body: &'a str => Text, html: Option<&'a str> => Nullable<Text>,
                            document: Option<DocumentId> => Nullable<SqlUuid>, segments: Option<i16> => Nullable<SmallInt>, contact_epoch: i32 => Integer, status: DeliveryStatus => Text,
                            message_id: &'a str => Text, queued_at: DateTime<Utc> => Timestamptz, sent_at: Option<DateTime<Utc>> => Nullable<Timestamptz> }
    "INSERT INTO deliveries (id, action_id, case_id, creditor_id, channel, sender, reply_to, address, subject, body, html, document_id,
                             segments, contact_epoch, status, message_id, queued_at, sent_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(conn: &mut Conn<'_>, delivery: &Insert<'_>) -> Result<(), DbError> {
    delivery.execute(conn).await?;
    Ok(())
}

statement! {
    struct CaseOf { id: DeliveryId => SqlUuid } "SELECT case_id FROM deliveries WHERE id = ?"
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
}

/// Which case to lock before the delivery.
pub async fn case_of(conn: &mut Conn<'_>, id: DeliveryId) -> Result<Option<CaseId>, DbError> {
    Ok(CaseOf { id }.get_result::<CaseRow>(conn).await.optional()?.map(|row| row.case_id))
}

statement! {
    struct Lock { id: DeliveryId => SqlUuid }
    "SELECT d.id, d.case_id, d.action_id, d.sender, d.reply_to, d.address, d.subject, d.body, d.html, d.contact_epoch, d.status, d.message_id, d.provider_id, d.attempts, d.handed_over_at, d.queued_at,
        a.run_id, a.step, a.is_fallback, a.channel, a.template, a.tone, a.rule,
        NOT a.is_fallback AND s.steps -> a.step -> 'fallback' IS NOT NULL AS has_fallback
     FROM deliveries d JOIN actions a ON a.id = d.action_id JOIN strategy_runs r ON r.id = a.run_id JOIN strategies s ON s.id = r.strategy_id
     WHERE d.id = ? FOR UPDATE OF d"
}

/// A delivery about to leave, with the action it belongs to.
#[derive(Debug, Clone, QueryableByName)]
pub struct Leaving {
    #[diesel(sql_type = SqlUuid)]
    pub id: DeliveryId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    pub action_id: ActionId,
    #[diesel(sql_type = Text)]
    pub sender: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub reply_to: Option<String>,
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub body: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub html: Option<String>,
    #[diesel(sql_type = Integer)]
    pub contact_epoch: i32,
    #[diesel(sql_type = Text)]
    pub status: DeliveryStatus,
    #[diesel(sql_type = Text)]
    pub message_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub provider_id: Option<String>,
    /// How often it was tried or asked after.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    /// When it was last about to be handed over.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub handed_over_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub queued_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    pub run_id: StrategyRunId,
    /// Counted from 0.
    #[diesel(sql_type = Integer)]
    pub step: i32,
    /// Whether it took the step's other channel.
    #[diesel(sql_type = Bool)]
    pub is_fallback: bool,
    /// Whether the step names another channel, which it did not take.
    #[diesel(sql_type = Bool)]
    pub has_fallback: bool,
    #[diesel(sql_type = Text)]
    pub channel: Channel,
    #[diesel(sql_type = Text)]
    pub template: Template,
    #[diesel(sql_type = Text)]
    pub tone: Tone,
    /// Whose ceiling its tone was lowered to.
    #[diesel(sql_type = Nullable<Text>)]
    pub rule: Option<Rule>,
}

impl Leaving {
    /// The step it takes.
    #[must_use]
    pub const fn taken(&self) -> Taken {
        Taken { run: self.run_id, step: self.step, is_fallback: self.is_fallback }
    }
}

/// After the case's lock.
pub async fn lock(conn: &mut Conn<'_>, id: DeliveryId) -> Result<Option<Leaving>, DbError> {
    Ok(Lock { id }.get_result(conn).await.optional()?)
}

statement! {
    struct SetStatus<'a> { status: DeliveryStatus => Text, error: Option<&'a str> => Nullable<Text>, sent_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
                           id: DeliveryId => SqlUuid }
    "UPDATE deliveries SET status = ?, error = ?, sent_at = ? WHERE id = ?"
}

pub async fn set_status(
    conn: &mut Conn<'_>,
    id: DeliveryId,
    status: DeliveryStatus,
    error: Option<&str>,
    sent_at: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    SetStatus { status, error, sent_at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetSending { at: DateTime<Utc> => Timestamptz, id: DeliveryId => SqlUuid }
    "UPDATE deliveries SET status = 'sending', error = NULL, handed_over_at = ? WHERE id = ?"
}

/// It is about to be handed over.
pub async fn set_sending(conn: &mut Conn<'_>, id: DeliveryId, at: DateTime<Utc>) -> Result<(), DbError> {
    SetSending { at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetSent<'a> { provider_id: Option<&'a str> => Nullable<Text>, sent_at: DateTime<Utc> => Timestamptz, id: DeliveryId => SqlUuid }
    "UPDATE deliveries SET status = 'sent', error = NULL, provider_id = ?, sent_at = ? WHERE id = ?"
}

pub async fn set_sent(conn: &mut Conn<'_>, id: DeliveryId, provider_id: Option<&str>, at: DateTime<Utc>) -> Result<(), DbError> {
    SetSent { provider_id, sent_at: at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetDelivered { at: DateTime<Utc> => Timestamptz, id: DeliveryId => SqlUuid }
    "UPDATE deliveries SET status = CASE WHEN status = 'sent' THEN 'delivered' ELSE status END, delivered_at = ?
     WHERE id = ? AND status IN ('sent', 'answered') AND delivered_at IS NULL"
}

/// It arrived. One that was answered stays so. `false`: known, or no longer of interest.
pub async fn set_delivered(conn: &mut Conn<'_>, id: DeliveryId, at: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(SetDelivered { at, id }.execute(conn).await? == 1)
}

statement! {
    struct SetBounced<'a> { said: &'a str => Text, id: DeliveryId => SqlUuid }
    "UPDATE deliveries SET status = 'bounced', error = ? WHERE id = ?"
}

pub async fn set_bounced(conn: &mut Conn<'_>, id: DeliveryId, said: &str) -> Result<(), DbError> {
    SetBounced { said, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CountAttempt<'a> { status: DeliveryStatus => Text, error: &'a str => Text, id: DeliveryId => SqlUuid }
    "UPDATE deliveries SET status = ?, error = ?, attempts = attempts + 1 WHERE id = ?"
}

/// It did not leave this time, or nobody knows yet whether it did.
pub async fn count_attempt(conn: &mut Conn<'_>, id: DeliveryId, status: DeliveryStatus, error: &str) -> Result<(), DbError> {
    CountAttempt { status, error, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Unclaimed<'a> { provider_ids: &'a [String] => Array<Text>, id: DeliveryId => SqlUuid }
    "SELECT one AS provider_id FROM unnest(?) AS one WHERE NOT EXISTS (SELECT FROM deliveries d WHERE d.provider_id = one AND d.id <> ?) LIMIT 1"
}

#[derive(QueryableByName)]
struct ProviderRow {
    #[diesel(sql_type = Text)]
    provider_id: String,
}

/// The first of these names at the provider that no other message has.
pub async fn unclaimed(conn: &mut Conn<'_>, id: DeliveryId, provider_ids: &[String]) -> Result<Option<String>, DbError> {
    Ok(Unclaimed { provider_ids, id }.get_result::<ProviderRow>(conn).await.optional()?.map(|row| row.provider_id))
}

statement! {
    struct LastTexted<'a> { address: &'a str => Text }
    "SELECT id FROM deliveries WHERE channel = 'sms' AND address = ? AND sent_at IS NOT NULL ORDER BY queued_at DESC LIMIT 1"
}

/// The latest text message that left for a number.
pub async fn last_texted(conn: &mut Conn<'_>, number: &str) -> Result<Option<DeliveryId>, DbError> {
    Ok(LastTexted { address: number }.get_result::<IdRow>(conn).await.optional()?.map(|row| row.id))
}

statement! {
    struct MailAddress { case: CaseId => SqlUuid, id: DeliveryId => SqlUuid }
    "SELECT address FROM deliveries WHERE case_id = ? AND id = ? AND channel = 'mail'"
}

#[derive(QueryableByName)]
struct AddressRow {
    #[diesel(sql_type = Text)]
    address: String,
}

/// Where a mail of a case went.
pub async fn mail_address(conn: &mut Conn<'_>, case: CaseId, id: DeliveryId) -> Result<Option<String>, DbError> {
    Ok(MailAddress { case, id }.get_result::<AddressRow>(conn).await.optional()?.map(|row| row.address))
}

statement! {
    struct OfCase { case: CaseId => SqlUuid }
    "SELECT id, action_id, channel, sender, reply_to, address, subject, body, document_id, segments, status, error, message_id, queued_at, sent_at, delivered_at
     FROM deliveries WHERE case_id = ? ORDER BY id"
}

/// Oldest first, as far as row-level security shows them.
pub async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Delivery>, DbError> {
    Ok(OfCase { case }.load(conn).await?)
}

statement! {
    struct Sent<'a> { message_id: &'a str => Text } "SELECT id FROM deliveries WHERE message_id = ?"
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: DeliveryId,
}

/// The delivery that left under this Message-ID.
pub async fn find_by_message_id(conn: &mut Conn<'_>, message_id: &str) -> Result<Option<DeliveryId>, DbError> {
    Ok(Sent { message_id }.get_result::<IdRow>(conn).await.optional()?.map(|row| row.id))
}

statement! {
    struct Answered { id: DeliveryId => SqlUuid } "UPDATE deliveries SET status = 'answered' WHERE id = ? AND status IN ('sent', 'delivered')"
}

pub async fn set_answered(conn: &mut Conn<'_>, id: DeliveryId) -> Result<(), DbError> {
    Answered { id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct DocumentOf { id: DeliveryId => SqlUuid } "SELECT document_id FROM deliveries WHERE id = ?"
}

#[derive(QueryableByName)]
struct DocumentRow {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    document_id: Option<DocumentId>,
}

pub async fn document_of(conn: &mut Conn<'_>, id: DeliveryId) -> Result<Option<DocumentId>, DbError> {
    Ok(DocumentOf { id }.get_result::<DocumentRow>(conn).await.optional()?.and_then(|row| row.document_id))
}

statement! {
    struct Writings { case: CaseId => SqlUuid, pursuer: Option<OrgId> => Nullable<SqlUuid> }
    "SELECT d.channel, d.sent_at FROM deliveries d
     WHERE d.case_id = ? AND (SELECT a.agency_id FROM actions a WHERE a.id = d.action_id) IS NOT DISTINCT FROM ? AND d.sent_at IS NOT NULL
     ORDER BY d.sent_at"
}

#[derive(QueryableByName)]
pub struct SentMessage {
    #[diesel(sql_type = Text)]
    pub channel: Channel,
    #[diesel(sql_type = Timestamptz)]
    pub sent_at: DateTime<Utc>,
}

/// What this pursuer has sent in the case, oldest first.
pub async fn list_writings(conn: &mut Conn<'_>, case: CaseId, pursuer: Option<OrgId>) -> Result<Vec<SentMessage>, DbError> {
    Ok(Writings { case, pursuer }.load(conn).await?)
}

statement! {
    struct FirstLetter { case: CaseId => SqlUuid, pursuer: Option<OrgId> => Nullable<SqlUuid> }
    "SELECT d.subject, d.sent_at FROM deliveries d
     WHERE d.case_id = ? AND (SELECT a.agency_id FROM actions a WHERE a.id = d.action_id) IS NOT DISTINCT FROM ? AND d.channel = 'letter'
       AND d.sent_at IS NOT NULL ORDER BY d.sent_at LIMIT 1"
}

#[derive(QueryableByName)]
pub struct SentLetter {
    /// Its own reference.
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Timestamptz)]
    pub sent_at: DateTime<Utc>,
}

/// The first letter this pursuer wrote in the case.
pub async fn first_letter(conn: &mut Conn<'_>, case: CaseId, pursuer: Option<OrgId>) -> Result<Option<SentLetter>, DbError> {
    Ok(FirstLetter { case, pursuer }.get_result(conn).await.optional()?)
}
