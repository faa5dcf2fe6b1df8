//! A queued message leaves: the policy is asked once more under the case's lock, then the mailer.
//!
//! What may never happen here: a message sent after a payment, a hold or a closure was recorded; a message sent twice.
//! A debtor gets a message at most once: `sending` is committed before anything leaves the process, and a delivery found
//! so, its process having died, is resolved by looking. The outbox can be looked into. An SMTP server cannot be asked
//! what it accepted, so there the message is given up and put to a person, for one reminder less harms nobody and one
//! too many does. Lock order: case, delivery, then the debtor's contacts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    RecoveryError,
    act::merge,
    dossier::{Dossier, facts},
    jobs::Deliver,
    policy::{Approval, Contact, Rule, Verdict, ceiling, decide},
    records::{ActionStatus, DeliveryStatus, TaskReason},
    runs,
    store::{
        actions,
        deliveries::{self as store, Leaving},
    },
    tasks,
};
use crate::{
    app::App,
    cases::{self, Case, EventKind},
    db::{By, Conn, Scope},
    jobs::{self, JobError},
    mailer::{self, MailError, Outgoing},
    paper::mail::Mail,
    receivables,
    types::DeliveryId,
};

/// How long a mail server may stay away before the message is given up; jobs are tried for about a day.
const PATIENCE: TimeDelta = TimeDelta::hours(18);

/// Lets a queued message leave, if it still may.
///
/// # Errors
/// The mail server is away or busy; the database fails.
pub async fn deliver(app: &App, id: DeliveryId) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let cleared = app.db.transaction(Scope::System, async |conn| clear(app, conn, &by, id).await).await?;
    let Some(leaving) = cleared else { return Ok(()) };
    let mail =
        Mail { subject: leaving.subject.clone(), text: leaving.body.clone(), html: leaving.html.clone().unwrap_or_default() };
    let outgoing = Outgoing {
        to: &leaving.address,
        sender: &leaving.sender,
        reply_to: leaving.reply_to.as_deref(),
        message_id: &leaving.message_id,
        at: by.at,
        mail: &mail,
        attachment: None,
    };
    let outcome = mailer::send(app, &outgoing).await;
    let by = By::engine(app.clock.now());
    app.db.transaction(Scope::System, async |conn| settle(conn, &by, id, &outcome).await).await?
}

/// Asks the policy; the message to send now, or nothing.
async fn clear(app: &App, conn: &mut Conn<'_>, by: &By, id: DeliveryId) -> Result<Option<Leaving>, RecoveryError> {
    let Some((mut case, leaving)) = lock(conn, by, id).await? else { return Ok(None) };
    match leaving.status {
        DeliveryStatus::Sent
        | DeliveryStatus::Stopped
        | DeliveryStatus::Failed
        | DeliveryStatus::Bounced
        | DeliveryStatus::Answered => return Ok(None),
        DeliveryStatus::Queued => {}
        DeliveryStatus::Sending => match mailer::has_left(app, &leaving.message_id).await {
            Some(true) => return sent(conn, by, &mut case, &leaving).await.map(|()| None),
            Some(false) => {}
            None => {
                let cause = "the process ended while it was being sent";
                return failed(conn, by, &mut case, &leaving, (TaskReason::DeliveryUnknown, cause)).await.map(|()| None);
            }
        },
    }
    let dossier = Dossier::of(conn, by, &case).await?;
    let facts = facts(app, conn, by, &case, &dossier, Some(leaving.action_id)).await?;
    let contact = Contact {
        channel: leaving.channel,
        tone: leaving.tone,
        address_known: true,
        // It was given before the message was prepared.
        approval: Approval::NotNeeded,
        prepared_under: Some(leaving.contact_epoch),
    };
    match decide(&facts, &contact) {
        Verdict::Send(tone) if tone == leaving.tone => {
            store::set_status(conn, id, DeliveryStatus::Sending, None, None).await?;
            Ok(Some(leaving))
        }
        Verdict::Send(_) => stopped(conn, by, &mut case, &leaving, ceiling(&facts).1).await.map(|()| None),
        Verdict::Refuse(rule) | Verdict::Ask(rule) => stopped(conn, by, &mut case, &leaving, rule).await.map(|()| None),
        Verdict::DeferUntil(until, rule) => {
            store::set_status(conn, id, DeliveryStatus::Queued, None, None).await?;
            jobs::enqueue(conn, Deliver::KIND, &Deliver { delivery_id: id }, until).await?;
            case.record(by, EventKind::ContactDeferred, told(&leaving, json!({ "rule": rule, "until": until })));
            Ok(cases::save(conn, by, &mut case).await.map(|()| None)?)
        }
    }
}

/// Writes down what the mailer answered. The inner result is the job's.
async fn settle(
    conn: &mut Conn<'_>,
    by: &By,
    id: DeliveryId,
    outcome: &Result<(), MailError>,
) -> Result<Result<(), JobError>, RecoveryError> {
    let Some((mut case, leaving)) = lock(conn, by, id).await? else { return Ok(Ok(())) };
    if leaving.status != DeliveryStatus::Sending {
        return Ok(Ok(()));
    }
    match outcome {
        Ok(()) => sent(conn, by, &mut case, &leaving).await?,
        Err(MailError::Passing(cause)) if by.at - leaving.queued_at < PATIENCE => {
            store::set_status(conn, id, DeliveryStatus::Queued, Some(cause), None).await?;
            return Ok(Err(JobError::Again(cause.clone())));
        }
        Err(MailError::Passing(cause)) => {
            failed(conn, by, &mut case, &leaving, (TaskReason::NotDelivered, cause)).await?;
        }
        Err(MailError::Refused(cause)) => {
            receivables::mark_bounced(conn, by, case.debtor, &leaving.address, cause).await?;
            failed(conn, by, &mut case, &leaving, (TaskReason::NotDelivered, cause)).await?;
        }
        Err(MailError::Unknown(cause)) => {
            failed(conn, by, &mut case, &leaving, (TaskReason::DeliveryUnknown, cause)).await?;
        }
    }
    Ok(Ok(()))
}

async fn lock(conn: &mut Conn<'_>, by: &By, id: DeliveryId) -> Result<Option<(Case, Leaving)>, RecoveryError> {
    let Some(case) = store::case_of(conn, id).await? else { return Ok(None) };
    let case = cases::lock(conn, by, case).await?;
    Ok(store::lock(conn, id).await?.map(|leaving| (case, leaving)))
}

async fn sent(conn: &mut Conn<'_>, by: &By, case: &mut Case, leaving: &Leaving) -> Result<(), RecoveryError> {
    store::set_status(conn, leaving.id, DeliveryStatus::Sent, None, Some(by.at)).await?;
    actions::set_status(conn, leaving.action_id, ActionStatus::Done, None).await?;
    case.record(by, EventKind::ContactSent, told(leaving, json!({})));
    Ok(cases::save(conn, by, case).await?)
}

/// The step does not count as taken: it comes again when contact resumes.
async fn stopped(conn: &mut Conn<'_>, by: &By, case: &mut Case, leaving: &Leaving, rule: Rule) -> Result<(), RecoveryError> {
    store::set_status(conn, leaving.id, DeliveryStatus::Stopped, Some(rule.as_str()), None).await?;
    actions::set_status(conn, leaving.action_id, ActionStatus::Stopped, Some(rule)).await?;
    runs::take_back(conn, leaving.run_id, leaving.step).await?;
    case.record(by, EventKind::ContactStopped, told(leaving, json!({ "rule": rule })));
    if case.is_pursued() && cases::running_holds(conn, case.id, by.at).await?.is_empty() {
        case.look_again(by.at);
    }
    Ok(cases::save(conn, by, case).await?)
}

/// A message that had left came back: its step counts as failed, its address as bad, and a person is asked. `false`: nothing
/// of ours that could, or known already.
///
/// # Errors
/// The database fails.
pub async fn bounced(conn: &mut Conn<'_>, by: &By, id: DeliveryId, said: &str) -> Result<bool, RecoveryError> {
    let Some((mut case, leaving)) = lock(conn, by, id).await? else { return Ok(false) };
    if !matches!(leaving.status, DeliveryStatus::Sent | DeliveryStatus::Sending) {
        return Ok(false);
    }
    store::set_status(conn, id, DeliveryStatus::Bounced, Some(said), None).await?;
    actions::set_status(conn, leaving.action_id, ActionStatus::Failed, None).await?;
    receivables::mark_bounced(conn, by, case.debtor, &leaving.address, said).await?;
    case.record(by, EventKind::MessageBounced, told(&leaving, json!({ "said": said })));
    ask_about_address(conn, by, &mut case, TaskReason::NotDelivered, &leaving.address).await?;
    cases::save(conn, by, &mut case).await?;
    Ok(true)
}

/// A person is asked, and the strategy may know another way.
async fn ask_about_address(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    reason: TaskReason,
    address: &str,
) -> Result<(), RecoveryError> {
    if !case.is_pursued() {
        return Ok(());
    }
    let dossier = Dossier::of(conn, by, case).await?;
    tasks::ask(conn, by, case, &dossier, (reason, address)).await?;
    if cases::running_holds(conn, case.id, by.at).await?.is_empty() {
        case.look_again(by.at);
    }
    Ok(())
}

async fn failed(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    leaving: &Leaving,
    (reason, cause): (TaskReason, &str),
) -> Result<(), RecoveryError> {
    store::set_status(conn, leaving.id, DeliveryStatus::Failed, Some(cause), None).await?;
    actions::set_status(conn, leaving.action_id, ActionStatus::Failed, None).await?;
    case.record(by, EventKind::ContactFailed, told(leaving, json!({ "reason": reason })));
    ask_about_address(conn, by, case, reason, &leaving.address).await?;
    Ok(cases::save(conn, by, case).await?)
}

fn told(leaving: &Leaving, more: Value) -> Value {
    let mut told = json!({
        "action_id": leaving.action_id, "delivery_id": leaving.id, "step": leaving.step + 1,
        "channel": leaving.channel, "template": leaving.template, "tone": leaving.tone, "lowered_by": leaving.rule,
    });
    merge(&mut told, more);
    told
}
