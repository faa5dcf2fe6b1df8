//! A queued message leaves: the policy is asked once more under the case's lock, then the channel's carrier.
//!
//! What may never happen here: a message sent after a payment, a hold or a closure was recorded; a message sent twice.
//! A debtor gets a message at most once: `sending` is committed before anything leaves the process, and a delivery found
//! so, its process or its connection having died, is asked after. The outbox can be looked into, a provider of text messages
//! be asked for a while. An SMTP server cannot tell what it accepted, so there, and where asking comes to nothing, the message
//! is given up and put to a person, for one reminder less harms nobody and one too many does.
//! Lock order: case, delivery, then the debtor's contacts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    RecoveryError,
    act::merge,
    addresses,
    channels::{self, Fate, NotTaken, Report, Reported, Taken},
    dossier::{Dossier, facts},
    jobs::Deliver,
    line, opt_outs,
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
    types::{Channel, DeliveryId},
};

/// How long a provider may stay away before a message is given up.
const PATIENCE: TimeDelta = TimeDelta::hours(18);
/// The same where the step names another channel.
const PATIENCE_WITH_FALLBACK: TimeDelta = TimeDelta::hours(4);
/// How long a provider is asked after a message that it may have taken.
const ASKED_FOR: TimeDelta = TimeDelta::hours(2);

/// 5 s, 10 s, 20 s … at most an hour.
fn pause(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(0);
    TimeDelta::seconds(5 * (1_i64 << doublings)).min(TimeDelta::hours(1))
}

/// What is to be done with a message.
enum Next {
    Nothing,
    Send(Leaving),
    /// It was handed over, and no answer came.
    AskAfter(Leaving),
}

/// Lets a queued message leave, if it still may; asks after one that may have left.
///
/// # Errors
/// The database fails.
pub async fn deliver(app: &App, id: DeliveryId) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let next = app.db.transaction(Scope::System, async |conn| clear(app, conn, &by, id).await).await?;
    let settled = match next {
        Next::Nothing => return Ok(()),
        Next::Send(leaving) => {
            let outcome = channels::send(app, &leaving, by.at).await;
            let by = By::engine(app.clock.now());
            app.db.transaction(Scope::System, async |conn| settle(app, conn, &by, id, &outcome).await).await
        }
        Next::AskAfter(leaving) => {
            let fate = channels::fate(app, &leaving).await;
            let by = By::engine(app.clock.now());
            app.db.transaction(Scope::System, async |conn| resolve(app, conn, &by, id, &fate).await).await
        }
    };
    Ok(settled?)
}

/// Asks the policy.
async fn clear(app: &App, conn: &mut Conn<'_>, by: &By, id: DeliveryId) -> Result<Next, RecoveryError> {
    let Some((mut case, leaving)) = lock(conn, by, id).await? else { return Ok(Next::Nothing) };
    match leaving.status {
        DeliveryStatus::Sent
        | DeliveryStatus::Delivered
        | DeliveryStatus::Stopped
        | DeliveryStatus::Failed
        | DeliveryStatus::Bounced
        | DeliveryStatus::Answered => return Ok(Next::Nothing),
        DeliveryStatus::Queued => {}
        DeliveryStatus::Sending => return Ok(Next::AskAfter(leaving)),
    }
    let dossier = Dossier::of(conn, by, &case).await?;
    let facts = facts(app, conn, by, &case, &dossier, Some(leaving.action_id)).await?;
    let contact = Contact {
        channel: leaving.channel,
        tone: leaving.tone,
        address_known: true,
        address_unreachable: dossier.came_back(leaving.channel, &leaving.address),
        opted_out: opt_outs::is_refused(conn, leaving.channel, &leaving.address, dossier.debtor.country).await?,
        // It was given before the message was prepared.
        approval: Approval::NotNeeded,
        prepared_under: Some(leaving.contact_epoch),
    };
    match decide(&facts, &contact) {
        Verdict::Send(tone) if tone == leaving.tone => {
            store::set_sending(conn, id, by.at).await?;
            return Ok(Next::Send(leaving));
        }
        Verdict::Send(_) => stopped(conn, by, &mut case, &leaving, ceiling(&facts).1).await?,
        Verdict::Refuse(rule) | Verdict::Ask(rule) => stopped(conn, by, &mut case, &leaving, rule).await?,
        Verdict::DeferUntil(until, rule) => {
            line::join(app, conn, (id, leaving.channel), until).await?;
            case.record(by, EventKind::ContactDeferred, told(&leaving, json!({ "rule": rule, "until": until })));
            cases::save(conn, by, &mut case).await?;
        }
    }
    Ok(Next::Nothing)
}

/// Writes down what the provider answered.
async fn settle(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    id: DeliveryId,
    outcome: &Result<Taken, NotTaken>,
) -> Result<(), RecoveryError> {
    let Some((mut case, leaving)) = lock(conn, by, id).await? else { return Ok(()) };
    match outcome {
        Ok(_) => line::provider_answers(conn, leaving.channel).await?,
        Err(NotTaken::Away(_)) => line::provider_is_away(conn, leaving.channel, by.at).await?,
        Err(NotTaken::Passing(_) | NotTaken::Refused { .. } | NotTaken::Unknown(_)) => {}
    }
    // A report may have been faster than the answer.
    if leaving.status != DeliveryStatus::Sending {
        return Ok(());
    }
    let patience = if leaving.has_fallback { PATIENCE_WITH_FALLBACK } else { PATIENCE };
    match outcome {
        Ok(taken) => sent(conn, by, &mut case, &leaving, taken.provider_id.as_deref()).await,
        Err(NotTaken::Passing(said) | NotTaken::Away(said)) if by.at - leaving.queued_at < patience => {
            store::count_attempt(conn, id, DeliveryStatus::Queued, said).await?;
            line::join(app, conn, (id, leaving.channel), by.at + pause(leaving.attempts)).await
        }
        Err(NotTaken::Passing(said) | NotTaken::Away(said)) => {
            failed(conn, by, &mut case, &leaving, (TaskReason::NotDelivered, said)).await
        }
        Err(NotTaken::Refused { said, is_dead }) => {
            if *is_dead {
                addresses::mark(conn, by, &case, (leaving.channel, &leaving.address), said).await?;
            }
            failed(conn, by, &mut case, &leaving, (TaskReason::NotDelivered, said)).await
        }
        Err(NotTaken::Unknown(said)) => ask_again(conn, by, &leaving, said).await,
    }
}

/// Writes down what became of a message that may have left.
async fn resolve(app: &App, conn: &mut Conn<'_>, by: &By, id: DeliveryId, fate: &Fate) -> Result<(), RecoveryError> {
    let Some((mut case, leaving)) = lock(conn, by, id).await? else { return Ok(()) };
    if leaving.status != DeliveryStatus::Sending {
        return Ok(());
    }
    let said = match fate {
        Fate::Left(names) if names.is_empty() => return sent(conn, by, &mut case, &leaving, None).await,
        Fate::Left(names) => match store::unclaimed(conn, id, names).await? {
            Some(name) => return sent(conn, by, &mut case, &leaving, Some(&name)).await,
            None => "the messages of these words that the provider has are others",
        },
        Fate::NeverLeft => {
            store::set_status(conn, id, DeliveryStatus::Queued, None, None).await?;
            return line::join(app, conn, (id, leaving.channel), by.at).await;
        }
        Fate::NotKnownYet(said) => said,
        Fate::NobodyKnows(why) => return failed(conn, by, &mut case, &leaving, (TaskReason::DeliveryUnknown, why)).await,
    };
    if by.at - leaving.handed_over_at.unwrap_or(leaving.queued_at) < ASKED_FOR {
        return ask_again(conn, by, &leaving, said).await;
    }
    failed(conn, by, &mut case, &leaving, (TaskReason::DeliveryUnknown, said)).await
}

async fn ask_again(conn: &mut Conn<'_>, by: &By, leaving: &Leaving, said: &str) -> Result<(), RecoveryError> {
    store::count_attempt(conn, leaving.id, DeliveryStatus::Sending, said).await?;
    // Asking is no sending: it waits in no line.
    let deliver = Deliver { delivery_id: leaving.id };
    Ok(jobs::enqueue(conn, Deliver::KIND, &deliver, by.at + pause(leaving.attempts)).await?)
}

/// The case, then the message.
///
/// # Errors
/// The database fails.
pub async fn lock(conn: &mut Conn<'_>, by: &By, id: DeliveryId) -> Result<Option<(Case, Leaving)>, RecoveryError> {
    let Some(case) = store::case_of(conn, id).await? else { return Ok(None) };
    let case = cases::lock(conn, by, case).await?;
    Ok(store::lock(conn, id).await?.map(|leaving| (case, leaving)))
}

/// Its provider, or the post, has it. Saves the case.
///
/// # Errors
/// The database fails.
pub async fn sent(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    leaving: &Leaving,
    provider_id: Option<&str>,
) -> Result<(), RecoveryError> {
    store::set_sent(conn, leaving.id, provider_id, by.at).await?;
    actions::set_status(conn, leaving.action_id, ActionStatus::Done, None).await?;
    let reference = (leaving.channel == Channel::Letter).then_some(&leaving.subject);
    case.record(by, EventKind::ContactSent, told(leaving, json!({ "reference": reference })));
    Ok(cases::save(conn, by, case).await?)
}

/// What a provider reports of a message, in whatever order its reports come. `false`: nothing of ours, or nothing new.
///
/// # Errors
/// The database fails.
pub async fn reported(conn: &mut Conn<'_>, by: &By, id: DeliveryId, report: &Report) -> Result<bool, RecoveryError> {
    let Some((mut case, mut leaving)) = lock(conn, by, id).await? else { return Ok(false) };
    if leaving.provider_id.as_ref().is_some_and(|known| *known != report.provider_id) {
        return Ok(false);
    }
    if leaving.status == DeliveryStatus::Sending {
        sent(conn, by, &mut case, &leaving, Some(&report.provider_id)).await?;
        leaving.status = DeliveryStatus::Sent;
    }
    match &report.reported {
        Reported::Taken => Ok(false),
        Reported::Delivered => Ok(store::set_delivered(conn, id, by.at).await?),
        Reported::Undelivered { said, is_dead } => came_back(conn, by, &mut case, &leaving, (said, *is_dead)).await,
    }
}

/// The step does not count as taken: it comes again when contact resumes.
async fn stopped(conn: &mut Conn<'_>, by: &By, case: &mut Case, leaving: &Leaving, rule: Rule) -> Result<(), RecoveryError> {
    store::set_status(conn, leaving.id, DeliveryStatus::Stopped, Some(rule.as_str()), None).await?;
    actions::set_status(conn, leaving.action_id, ActionStatus::Stopped, Some(rule)).await?;
    runs::take_back(conn, leaving.taken()).await?;
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
    came_back(conn, by, &mut case, &leaving, (said, true)).await
}

/// It came back: see [`bounced`]. Saves the case.
///
/// # Errors
/// The database fails.
pub async fn came_back(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    leaving: &Leaving,
    (said, is_dead): (&str, bool),
) -> Result<bool, RecoveryError> {
    if !matches!(leaving.status, DeliveryStatus::Sent | DeliveryStatus::Sending) {
        return Ok(false);
    }
    store::set_bounced(conn, leaving.id, said).await?;
    actions::set_status(conn, leaving.action_id, ActionStatus::Failed, None).await?;
    if is_dead {
        addresses::mark(conn, by, case, (leaving.channel, &leaving.address), said).await?;
    }
    case.record(by, EventKind::MessageBounced, told(leaving, json!({ "said": said })));
    runs::fall_back(conn, leaving.taken()).await?;
    ask_about_address(conn, by, case, TaskReason::NotDelivered, &leaving.address).await?;
    cases::save(conn, by, case).await?;
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
    // What may have arrived is not said a second time by another channel.
    if reason == TaskReason::NotDelivered {
        runs::fall_back(conn, leaving.taken()).await?;
    }
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
