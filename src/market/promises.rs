//! What an agency promised with its offer, held against what it did: the first contact, and news at its own pace.
//!
//! What may never happen here: a promise called broken while a hold forbade to keep it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{MarketError, engagement::Engagement, listing::timeline, store::engagements as store};
use crate::{
    cases::{self, Case, Event, EventKind, Phase},
    db::{By, Conn},
    jobs,
    types::{EngagementId, text_enum},
};

text_enum! {
    /// What was promised.
    pub enum PromiseKind {
        FirstContact => "first_contact",
        Update => "update",
    }
}

/// Has both promises looked at when they fall due.
pub(super) async fn watch(conn: &mut Conn<'_>, engagement: &Engagement) -> Result<(), MarketError> {
    look(conn, engagement.id, PromiseKind::FirstContact, engagement.first_contact_due_at).await?;
    look(conn, engagement.id, PromiseKind::Update, next_update(engagement, engagement.started_at)).await
}

async fn look(conn: &mut Conn<'_>, id: EngagementId, kind: PromiseKind, at: DateTime<Utc>) -> Result<(), MarketError> {
    Ok(jobs::enqueue(conn, "market.check_promise", &json!({ "engagement_id": id, "promise": kind, "due_at": at }), at).await?)
}

fn next_update(engagement: &Engagement, after: DateTime<Utc>) -> DateTime<Utc> {
    after + TimeDelta::days(engagement.update_every_days.max(1).into())
}

/// Looks whether a promise that fell due was kept, and when to look again. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn check_promise(
    conn: &mut Conn<'_>,
    by: &By,
    id: EngagementId,
    kind: PromiseKind,
    due_at: DateTime<Utc>,
) -> Result<(), MarketError> {
    let Some(found) = store::find(conn, id).await? else { return Ok(()) };
    let mut case = cases::lock(conn, by, found.case).await?;
    let Some(engagement) = store::lock_running(conn, found.case).await?.filter(|running| running.id == id) else { return Ok(()) };
    if case.phase != Phase::Active {
        return Ok(());
    }
    if !cases::running_holds(conn, case.id, by.at).await?.is_empty() {
        return look(conn, id, kind, by.at.max(due_at) + TimeDelta::days(1)).await;
    }
    let events = timeline(conn, by, case.id).await?;
    match kind {
        PromiseKind::FirstContact => first_contact(conn, by, &mut case, &engagement, &events, due_at).await,
        PromiseKind::Update => {
            let since = due_at - TimeDelta::days(engagement.update_every_days.max(1).into());
            let kept = told_since(&events, &engagement, since.max(engagement.started_at));
            store::count_update(conn, id, kept).await?;
            if !kept {
                record(conn, by, &mut case, &engagement, kind, (EventKind::AgencyPromiseBroken, due_at)).await?;
            }
            look(conn, id, kind, next_update(&engagement, by.at.max(due_at))).await
        }
    }
}

async fn first_contact(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    engagement: &Engagement,
    events: &[Event],
    due_at: DateTime<Utc>,
) -> Result<(), MarketError> {
    if engagement.first_contact_kept.is_some() {
        return Ok(());
    }
    let kept = contacted(events, engagement);
    if let Some(until) = deferred_until(events, engagement).filter(|until| !kept && *until > by.at) {
        return look(conn, engagement.id, PromiseKind::FirstContact, until + TimeDelta::hours(1)).await;
    }
    store::set_first_contact(conn, engagement.id, kept).await?;
    let event = if kept { EventKind::AgencyPromiseKept } else { EventKind::AgencyPromiseBroken };
    record(conn, by, case, engagement, PromiseKind::FirstContact, (event, due_at)).await
}

async fn record(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    engagement: &Engagement,
    promise: PromiseKind,
    (event, due_at): (EventKind, DateTime<Utc>),
) -> Result<(), MarketError> {
    case.record(by, event, json!({ "engagement_id": engagement.id, "promise": promise, "due_at": due_at }));
    Ok(cases::save(conn, by, case).await?)
}

fn own<'a>(events: &'a [Event], engagement: &Engagement) -> impl Iterator<Item = &'a Event> {
    let (agency, since) = (engagement.agency, engagement.started_at);
    events.iter().filter(move |event| event.agency == Some(agency) && event.at >= since)
}

/// Whether the debtor was written to or called.
fn contacted(events: &[Event], engagement: &Engagement) -> bool {
    own(events, engagement).any(|event| matches!(event.kind, EventKind::ContactSent | EventKind::TaskDone))
}

/// When the contact policy lets the agency write: no promise is broken by keeping to it.
fn deferred_until(events: &[Event], engagement: &Engagement) -> Option<DateTime<Utc>> {
    let deferred = own(events, engagement).filter(|event| event.kind == EventKind::ContactDeferred).last()?;
    deferred.data.get("until")?.as_str()?.parse().ok()
}

/// Whether the creditor could see something new in its timeline.
fn told_since(events: &[Event], engagement: &Engagement, since: DateTime<Utc>) -> bool {
    own(events, engagement).any(|event| {
        event.at >= since
            && matches!(
                event.kind,
                EventKind::ContactSent
                    | EventKind::TaskDone
                    | EventKind::NoteAdded
                    | EventKind::PromiseMade
                    | EventKind::DisputeOpened
                    | EventKind::PaymentDeclared
                    | EventKind::PaymentConfirmed
            )
    })
}
