//! The engine: looks at the cases that are due, one transaction each, and takes at most one step of each.
//!
//! However many workers look, `SKIP LOCKED` gives a case to one of them, and the row `actions_once` keeps a step from being
//! taken twice. When a look is over, the case is closed, held until a date, waiting for a person, or due at a date.
//! Lock order: case, then the debtor's contacts (`store::contacts`).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::{
    RecoveryError,
    act::{Act, merge},
    channels,
    dossier::{Dossier, facts},
    evaluation::{Course, Evaluation, LeftOutFor, Look, Progress, evaluate},
    letters, opt_outs,
    policy::{Contact, Reach, Rule, Verdict, ceiling, decide},
    records::{ActionStatus, TaskReason},
    runs::{self, Answers, Run},
    situation::Situation,
    strategy::Step,
    tasks,
};
use crate::{
    app::App,
    cases::{self, Case, EventKind, Hold},
    db::{By, Conn, DbError, Scope},
    types::{ActionId, CaseId, Channel, clock::day_in},
};

/// Cases looked at before jobs get their turn again.
const AT_A_TIME: usize = 20;
/// When a message is still on its way out.
const SOON: TimeDelta = TimeDelta::hours(1);
/// When a step could not be prepared and a person was asked.
const AFTER_FAILURE: TimeDelta = TimeDelta::days(1);

/// Looks at due cases; returns at how many.
///
/// # Errors
/// The database is away. What one case fails with is put to a person and costs the others nothing.
pub async fn round(app: &App) -> Result<usize, DbError> {
    let mut looked_at = 0;
    while looked_at < AT_A_TIME && look_at_next(app).await? {
        looked_at += 1;
    }
    Ok(looked_at)
}

async fn look_at_next(app: &App) -> Result<bool, DbError> {
    let by = By::engine(app.clock.now());
    let mut at_hand = None;
    let looked = app.db.transaction(Scope::System, async |conn| {
        let Some(mut case) = cases::lock_due(conn, &by, 1).await?.pop() else { return Ok(false) };
        at_hand = Some(case.id);
        look_at(app, conn, &by, &mut case).await?;
        cases::save(conn, &by, &mut case).await?;
        Ok::<_, RecoveryError>(true)
    });
    match (looked.await, at_hand) {
        (Ok(found), _) => Ok(found),
        (Err(error), Some(case)) if !error.is_passing() => put_aside(app, &by, case, &error).await.map(|()| true),
        (Err(error), _) => Err(DbError::Busy(error.to_string())),
    }
}

/// A case that cannot be carried on is put to a person, and looked at again tomorrow.
async fn put_aside(app: &App, by: &By, case: CaseId, cause: &RecoveryError) -> Result<(), DbError> {
    tracing::error!(%case, error = %cause, "a step could not be prepared");
    let cause = cause.to_string();
    let aside = app.db.transaction(Scope::System, async |conn| {
        let mut case = cases::lock(conn, by, case).await?;
        case.next_action_at = Some(by.at + AFTER_FAILURE);
        match Dossier::of(conn, by, &case).await {
            Ok(dossier) => tasks::ask(conn, by, &mut case, &dossier, (TaskReason::StepFailed, &cause)).await?,
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => tracing::error!(%case.id, %error, "nobody can be asked about it"),
        }
        Ok::<_, RecoveryError>(cases::save(conn, by, &mut case).await?)
    });
    aside.await.map_err(|error| DbError::Busy(error.to_string()))
}

async fn look_at(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case) -> Result<(), RecoveryError> {
    case.next_action_at = None;
    if !case.is_pursued() {
        return Ok(());
    }
    let (mut one, mut other) = (*conn, *conn);
    let looked =
        tokio::try_join!(cases::running_holds(&mut one, case.id, by.at), cases::is_disputed_in_part(&mut other, case.id));
    let (holds, part_is_disputed) = looked?;
    if !holds.is_empty() {
        case.next_action_at = end_of(&holds);
        return Ok(());
    }
    if part_is_disputed && cases::rest_on_disputes(conn, by, case).await? {
        return Ok(());
    }
    tasks::stop_stale_calls(conn, case).await?;
    letters::stop_stale(conn, by, case).await?;
    if tasks::is_unread(conn, case).await? {
        return Ok(());
    }
    let dossier = Dossier::of(conn, by, case).await?;
    let mut run = runs::current(conn, by, case, &dossier).await?;
    if run.leaving {
        case.next_action_at = Some(by.at + SOON);
        return Ok(());
    }
    if take_fallback(app, conn, by, case, (&dossier, &run)).await? {
        return Ok(());
    }
    let answers = run.answers(conn, by, case).await?;
    let look = look(&run, run.progress, &answers, (case, &dossier, by.at)).map_err(RecoveryError::Condition)?;
    match look.then {
        Evaluation::LookOn(day) => case.next_action_at = Some(opening(&dossier, &run, run.progress, day)),
        Evaluation::Person(_) => tasks::ask_once(conn, by, case, &dossier, TaskReason::Answered).await?,
        Evaluation::Finished => {
            let behind = run.steps.len();
            leave_out(conn, by, case, (&dossier, &mut run), (&look.left_out, behind)).await?;
            tasks::wait_for_decision(conn, by, case, &dossier, TaskReason::StepsTaken).await?;
        }
        Evaluation::Due(position) => {
            leave_out(conn, by, case, (&dossier, &mut run), (&look.left_out, position)).await?;
            take(app, conn, by, case, (&dossier, &mut run)).await?;
        }
    }
    Ok(())
}

/// What the strategy says of a case that has come so far.
fn look(
    run: &Run,
    progress: Progress,
    answers: &Answers,
    (case, dossier, now): (&Case, &Dossier, DateTime<Utc>),
) -> Result<Look, String> {
    let today = day_in(dossier.calendar.zone(), now);
    let situation = Situation { case, debtor: &dossier.debtor, today };
    let holds = |condition: &str| situation.holds(condition);
    evaluate(
        &Course {
            steps: &run.steps,
            progress,
            answers: &answers.found,
            decided_at: answers.decided_at,
            calendar: &dossier.calendar,
            holds: &holds,
        },
        now,
    )
}

/// Writes down the steps that are left out, and goes on behind them.
async fn leave_out(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    (dossier, run): (&Dossier, &mut Run),
    (left_out, behind): (&[(usize, LeftOutFor)], usize),
) -> Result<(), RecoveryError> {
    let steps = run.steps.clone();
    for (position, why) in left_out {
        let Some(step) = steps.get(*position) else { continue };
        run.go_to(conn, *position).await?;
        let act = act_of(dossier, run, step);
        act.keep(conn, case, ActionStatus::LeftOut, None, by.at).await?;
        case.record(by, EventKind::StepLeftOut, act.told(json!({ "why": why, "key": step.key })));
    }
    if behind > run.progress.next_step {
        run.go_to(conn, behind).await?;
    }
    Ok(())
}

/// The end of the last of them; none while one is open-ended: somebody has to release it.
fn end_of(holds: &[Hold]) -> Option<DateTime<Utc>> {
    let ends: Option<Vec<DateTime<Utc>>> = holds.iter().map(|hold| hold.ends_at).collect();
    ends?.into_iter().max()
}

/// In the opening hours of the day its next step falls on.
fn opening(dossier: &Dossier, run: &Run, progress: Progress, day: NaiveDate) -> DateTime<Utc> {
    let channel = run.steps.get(progress.next_step).map_or(Channel::Letter, |step| step.channel);
    dossier.opening_on(day, channel)
}

/// When a run whose step was just taken is to be looked at again.
fn next_look(run: &Run, progress: Progress, (case, dossier, now): (&Case, &Dossier, DateTime<Utc>)) -> DateTime<Utc> {
    match look(run, progress, &Answers::default(), (case, dossier, now)).map(|look| look.then) {
        Ok(Evaluation::LookOn(day)) => opening(dossier, run, progress, day),
        Ok(Evaluation::Due(_) | Evaluation::Person(_) | Evaluation::Finished) => now,
        // A condition that fails is that step's matter, and this one is taken.
        Err(_) => now + SOON,
    }
}

/// Asks the policy, and does what it says.
async fn take(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    (dossier, run): (&Dossier, &mut Run),
) -> Result<(), RecoveryError> {
    let Some(step) = run.steps.get(run.progress.next_step).cloned() else { return Ok(()) };
    let act = act_of(dossier, run, &step);
    ask_and_do(app, conn, by, case, act).await
}

fn act_of<'a>(dossier: &'a Dossier, run: &'a Run, step: &'a Step) -> Act<'a> {
    let position = run.step();
    Act { id: ActionId::fresh(), dossier, run, step, position, is_fallback: false, tone: step.tone, lowered_by: None }
}

/// Takes the other channel of a step whose message came back or never left. `false`: there is none to be taken.
async fn take_fallback(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    (dossier, run): (&Dossier, &Run),
) -> Result<bool, RecoveryError> {
    let Some((position, step)) = run.fallback.and_then(|position| Some((position, run.steps.get(position)?))) else {
        return Ok(false);
    };
    let Some(step) = step.by_fallback() else { return Ok(false) };
    let position = i32::try_from(position).unwrap_or(i32::MAX);
    ask_and_do(app, conn, by, case, Act { position, is_fallback: true, ..act_of(dossier, run, &step) }).await?;
    Ok(true)
}

async fn ask_and_do(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, mut act: Act<'_>) -> Result<(), RecoveryError> {
    let (dossier, step) = (act.dossier, act.step);
    let facts = facts(app, conn, by, case, dossier, None).await?;
    let approval = tasks::approval_of(conn, case, &act).await?;
    let contact = Contact {
        channel: step.channel,
        tone: step.tone,
        address_known: dossier.reaches(step.channel),
        address_unreachable: dossier.is_unreachable(step.channel),
        opted_out: is_opted_out(conn, dossier, step.channel).await?,
        approval,
        prepared_under: None,
    };
    match decide(&facts, &contact) {
        Verdict::Send(tone) => {
            act.tone = tone;
            act.lowered_by = (tone < step.tone).then_some(ceiling(&facts).1);
            carry_out(app, conn, by, case, &act).await
        }
        Verdict::DeferUntil(until, rule) => {
            case.record(by, EventKind::ContactDeferred, told(&act, rule, Some(until)));
            case.next_action_at = Some(until);
            Ok(())
        }
        // The case waits for a person.
        Verdict::Ask(Rule::OwnerFirst) => {
            case.next_action_at = Some(tasks::ask_owner(conn, by, case, dossier).await?);
            Ok(())
        }
        Verdict::Ask(_) => tasks::ask_for_approval(conn, by, case, &act).await,
        Verdict::Refuse(rule) => refuse(conn, by, case, &act, rule).await,
    }
}

async fn is_opted_out(conn: &mut Conn<'_>, dossier: &Dossier, channel: Channel) -> Result<bool, RecoveryError> {
    let Some(address) = dossier.address(channel) else { return Ok(false) };
    opt_outs::is_refused(conn, channel, &address, dossier.debtor.country).await
}

fn told(act: &Act<'_>, rule: Rule, until: Option<DateTime<Utc>>) -> serde_json::Value {
    let mut told = act.told(json!({ "rule": rule, "until": until }));
    // No row was written under this id.
    merge(&mut told, json!({ "action_id": null }));
    told
}

async fn carry_out(app: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError> {
    channels::prepare(app, conn, by, case, act).await?;
    runs::advance(conn, act.taken()).await?;
    let today = day_in(act.dossier.calendar.zone(), by.at);
    let taken = usize::try_from(act.position).unwrap_or(0);
    let next_step = if act.is_fallback { act.run.progress.next_step } else { taken + 1 };
    let progress = Progress { next_step, last_step: Some(taken), last_step_on: Some(today), ..act.run.progress };
    case.next_action_at = Some(next_look(act.run, progress, (case, act.dossier, by.at)));
    Ok(())
}

async fn refuse(conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>, rule: Rule) -> Result<(), RecoveryError> {
    match rule.reach() {
        Reach::Step => {
            act.keep(conn, case, ActionStatus::Refused, Some(rule), by.at).await?;
            case.record(by, EventKind::ContactRefused, act.told(json!({ "rule": rule })));
            runs::advance(conn, act.taken()).await?;
            case.next_action_at = Some(by.at);
            Ok(())
        }
        Reach::Case => {
            case.record(by, EventKind::ContactRefused, told(act, rule, None));
            tasks::wait_for_decision(conn, by, case, act.dossier, TaskReason::DoNotContact).await
        }
    }
}
