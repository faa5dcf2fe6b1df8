//! A notification: written once per organisation and thing that happened, read when somebody there has seen it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{NoticesError, alerts, audience, mails, store};
use crate::{
    cases::{self, Case, Event, EventKind},
    db::{By, Conn},
    http::Cursor,
    jobs, parties,
    types::{CaseId, NotificationId, OfferId, OrgId},
};

/// Something an organisation should know about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Notification {
    pub id: NotificationId,
    #[serde(skip)]
    pub organisation: OrgId,
    /// The kind of event of the timeline, or `offer_awarded`, `offer_lost`, `offer_void`, `listing_found`, `question_asked`, `question_answered`,
    /// `complaint_filed`, `complaint_withdrawn`, `complaint_to_decide`, `complaint_overdue`, `complaint_decided`,
    /// `score_published`, `appeal_filed`, `appeal_decided`,
    /// `framework_to_sign`, `framework_in_force`, `framework_ended`,
    /// `payout_due`, `payout_overdue`, `payout_escalated`; `term_ending` before silence decides.
    #[schema(example = "payment_declared")]
    pub kind: String,
    pub case_id: Option<CaseId>,
    /// The event's line; or what became of an offer: rank and reason.
    #[schema(value_type = Object)]
    pub data: Value,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// One that is about to be written: made here of a timeline's lines, or sent by another slice as `notices.tell`.
#[derive(Debug, Deserialize)]
pub struct Telling {
    #[serde(rename = "organisation_id")]
    pub organisation: OrgId,
    pub kind: String,
    #[serde(rename = "case_id")]
    pub case: Option<CaseId>,
    pub data: Value,
    /// What it tells of: told once.
    #[serde(rename = "key")]
    pub dedupe_key: String,
}

/// Tells of new lines of a case's timeline.
///
/// # Errors
/// The case is gone, or the database fails.
pub async fn tell_of_events(conn: &mut Conn<'_>, by: &By, case: CaseId, from: i32, to: i32) -> Result<(), NoticesError> {
    let lines = cases::list_events(conn, by, case, from - 1, i64::from(to - from + 1)).await?;
    let whole = cases::find(conn, by, case).await?;
    alerts::of_events(conn, by, &whole, &lines).await?;
    let news: Vec<&Event> =
        lines.iter().filter(|line| audience::of(line.kind, &line.data) != audience::Audience::default()).collect();
    if news.is_empty() {
        return Ok(());
    }
    let case = whole;
    let operator = match news.iter().any(|line| line.kind == EventKind::PaymentContested) {
        true => Some(parties::operator(conn).await?.id),
        false => None,
    };
    let tellings: Vec<Telling> = news.into_iter().flat_map(|line| tellings_of(&case, line, operator)).collect();
    tell(conn, by, &tellings).await
}

fn tellings_of(case: &Case, line: &Event, operator: Option<OrgId>) -> Vec<Telling> {
    let audience = audience::of(line.kind, &line.data);
    let told = [
        audience.creditor.then_some(case.creditor),
        line.agency.filter(|_| audience.agency),
        operator.filter(|_| audience.operator),
    ];
    let telling = |organisation| Telling {
        organisation,
        kind: line.kind.as_str().to_owned(),
        case: Some(case.id),
        data: json!({ "case_reference": case.reference, "agency_id": line.agency, "seq": line.seq, "event": line.data }),
        dedupe_key: format!("event:{}:{}", case.id, line.seq),
    };
    told.into_iter().flatten().map(telling).collect()
}

/// Tells an agency what became of its offer, with its rank and the written reason.
///
/// # Errors
/// The database fails.
pub async fn tell_of_offer(conn: &mut Conn<'_>, by: &By, offer: OfferId) -> Result<(), NoticesError> {
    let Some(decided) = store::find_offer(conn, offer).await? else { return Ok(()) };
    let telling = Telling {
        organisation: decided.agency_id,
        kind: format!("offer_{}", decided.status),
        case: None,
        data: json!({
            "offer_id": offer, "listing_id": decided.listing_id, "fee_bp": decided.fee_bp, "rank": decided.rank,
            "reason": decided.reason, "sign_by": decided.sign_by,
            "country": decided.country, "currency": decided.currency, "amount_band": decided.amount_band,
        }),
        dedupe_key: format!("offer:{offer}"),
    };
    tell(conn, by, &[telling]).await
}

/// Writes what was not told yet, and has those of it mailed that deserve a mail.
///
/// # Errors
/// The database fails.
pub async fn tell(conn: &mut Conn<'_>, by: &By, tellings: &[Telling]) -> Result<(), NoticesError> {
    for (id, kind) in store::insert(conn, tellings, by.at).await? {
        if mails::are_sent_for(&kind) {
            jobs::enqueue(conn, "notices.mail", &json!({ "notification_id": id }), by.at).await?;
        }
    }
    Ok(())
}

/// An organisation's notifications, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, org: OrgId, unread: bool, cursor: Cursor) -> Result<Vec<Notification>, NoticesError> {
    Ok(store::list(conn, org, unread, cursor).await?)
}

/// Somebody has seen all of them; how many were new.
///
/// # Errors
/// The database fails.
pub async fn read_all(conn: &mut Conn<'_>, by: &By, org: OrgId) -> Result<usize, NoticesError> {
    Ok(store::set_all_read(conn, org, by.at).await?)
}

/// Somebody has seen it. Doing it again changes nothing.
///
/// # Errors
/// Not this organisation's.
pub async fn read(conn: &mut Conn<'_>, by: &By, org: OrgId, id: NotificationId) -> Result<Notification, NoticesError> {
    store::set_read(conn, org, id, by.at).await?.ok_or(NoticesError::NotFound)
}
