//! Work for people: calls that are a step, and decisions that only a person takes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    RecoveryError,
    act::Act,
    dossier::{Dossier, pursuer_of},
    policy::Approval,
    records::{ActionStatus, Task, TaskKind, TaskReason, TaskResult, TaskStatus},
    runs,
    store::{actions, tasks as store},
    task_title::task_title,
    work,
};
use crate::{
    cases::{self, Case, EventKind, HoldKind},
    db::{By, Conn, Scope},
    http::Cursor,
    parties::contact::Line,
    types::{ActionId, CaseId, Channel, MemberId, OrgId, StrategyRunId, TaskId, clock::day_in},
};

/// After somebody has decided, the case comes up again if it is still as it was.
const AGAIN_AFTER: TimeDelta = TimeDelta::days(14);

/// Working days within which an account owner has the first word.
pub const OWNER_WORKING_DAYS: u32 = 3;
/// How long everybody else waits where the owner takes it.
const OWNERS_TIME: TimeDelta = TimeDelta::days(14);

/// A task to be opened.
#[derive(Debug)]
pub struct New<'a> {
    pub kind: TaskKind,
    pub reason: TaskReason,
    /// What its title ends with.
    pub about: &'a str,
    pub action: Option<ActionId>,
    /// The step that waits for a yes.
    pub step: Option<Awaiting>,
    pub due_at: DateTime<Utc>,
    /// Whoever handles the case unless said.
    pub assignee: Option<MemberId>,
}

/// A step of a run that waits for a yes, by its own channel or by the other one it names.
#[derive(Debug, Clone, Copy)]
pub struct Awaiting {
    pub run: StrategyRunId,
    /// Counted from 0.
    pub step: i32,
    pub of_fallback: bool,
}

/// A task that a person gives to another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    #[schema(example = "Ask the carrier for the delivery note", min_length = 1, max_length = 200)]
    pub title: String,
    /// By when.
    pub due_at: DateTime<Utc>,
    /// Whoever handles the case unless said.
    #[serde(default)]
    pub assignee_id: Option<MemberId>,
}

/// Asks a person of the organisation that pursues a case to do something about it.
///
/// # Errors
/// Not pursued by the organisation, no title, a time that has passed, or nobody of it.
pub async fn give(conn: &mut Conn<'_>, by: &By, id: CaseId, new: &NewTask) -> Result<Task, RecoveryError> {
    let mut case = cases::lock(conn, by, id).await?;
    let org = work::must_pursue(by, &case)?;
    let title = new.title.parse::<Line>().map_err(|why| RecoveryError::Invalid("/title", why))?.to_string();
    if new.due_at <= by.at {
        return Err(RecoveryError::Invalid("/due_at", "this time has passed".to_owned()));
    }
    if let Some(assignee) = new.assignee_id {
        work::must_be_at_work(conn, org, assignee).await?;
    }
    let dossier = Dossier::of(conn, by, &case).await?;
    let task = New {
        kind: TaskKind::Review,
        reason: TaskReason::ByHand,
        about: &title,
        action: None,
        step: None,
        due_at: new.due_at,
        assignee: new.assignee_id,
    };
    let id = open(conn, by, &case, &dossier, &task).await?;
    case.record(by, EventKind::TaskOpened, json!({ "task_id": id, "reason": TaskReason::ByHand }));
    cases::save(conn, by, &mut case).await?;
    store::find(conn, id).await?.ok_or(RecoveryError::NotFound("task"))
}

/// Opens a task for whoever pursues the case, or for the creditor where its yes to an agency's words is asked for. The caller tells
/// the timeline.
///
/// # Errors
/// The database fails.
pub async fn open(conn: &mut Conn<'_>, by: &By, case: &Case, dossier: &Dossier, new: &New<'_>) -> Result<TaskId, RecoveryError> {
    let id = TaskId::fresh();
    let of_creditor = new.reason == TaskReason::CreditorApproval;
    let (agency, asked) = if of_creditor { (None, &dossier.creditor) } else { (pursuer_of(case), dossier.pursuer()) };
    let task = store::Insert {
        id,
        case: case.id,
        creditor: case.creditor,
        agency,
        action: new.action,
        run: new.step.map(|awaiting| awaiting.run),
        step: new.step.map(|awaiting| awaiting.step),
        of_fallback: new.step.is_some_and(|awaiting| awaiting.of_fallback),
        kind: new.kind,
        reason: new.reason,
        title: &task_title(asked.language, new.reason, new.about),
        contact_epoch: case.contact_epoch,
        due_at: new.due_at,
        created_at: by.at,
        assignee: new.assignee,
        handled: case.id,
        by_agency: agency,
        by_creditor: case.creditor,
    };
    store::insert(conn, &task).await?;
    Ok(id)
}

/// Asks a person to look at something, once. The caller saves the case.
///
/// # Errors
/// The database fails.
pub async fn ask(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    dossier: &Dossier,
    (reason, about): (TaskReason, &str),
) -> Result<(), RecoveryError> {
    if store::asked(conn, case.id, pursuer_of(case), reason).await?.is_open {
        return Ok(());
    }
    let new = New { kind: TaskKind::Review, reason, about, action: None, step: None, due_at: by.at, assignee: None };
    let id = open(conn, by, case, dossier, &new).await?;
    case.record(by, EventKind::TaskOpened, json!({ "task_id": id, "reason": reason }));
    Ok(())
}

/// Whether the debtor has answered and nobody has looked at it yet: until then nothing follows, whatever wakes the case.
///
/// # Errors
/// The database fails.
pub async fn is_unread(conn: &mut Conn<'_>, case: &Case) -> Result<bool, RecoveryError> {
    Ok(store::asked(conn, case.id, pursuer_of(case), TaskReason::Answered).await?.is_open)
}

/// The case waits for a person to look at it, who is asked once.
///
/// # Errors
/// The database fails.
pub async fn ask_once(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    dossier: &Dossier,
    reason: TaskReason,
) -> Result<(), RecoveryError> {
    let reference = case.reference.clone();
    ask(conn, by, case, dossier, (reason, &reference)).await
}

/// The case waits for a person's decision. If they took one and left the case as it was, it comes up again later.
///
/// # Errors
/// The database fails.
pub async fn wait_for_decision(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    dossier: &Dossier,
    reason: TaskReason,
) -> Result<(), RecoveryError> {
    let asked = store::asked(conn, case.id, pursuer_of(case), reason).await?;
    let again_at = asked.last_done_at.map(|at| at + AGAIN_AFTER).filter(|at| *at > by.at);
    case.next_action_at = again_at.filter(|_| !asked.is_open);
    if again_at.is_none() {
        ask_once(conn, by, case, dossier, reason).await?;
    }
    Ok(())
}

/// Somebody whose yes a step needs.
#[derive(Debug, Clone, Copy)]
struct Approver {
    /// None: the creditor.
    agency: Option<OrgId>,
    reason: TaskReason,
    awaiting: Awaiting,
}

/// In the order in which they are asked: whoever pursues the case, where the strategy says so; the creditor, where it wants to read
/// what is sent to this customer. A creditor reads the words of each channel, a strategy's yes is for the step whatever it takes.
fn approvers(case: &Case, act: &Act<'_>) -> impl Iterator<Item = Approver> {
    let (pursuer, run, step) = (pursuer_of(case), act.run.id, act.position);
    let by_strategy = act.step.approval.then_some(Approver {
        agency: pursuer,
        reason: TaskReason::ApprovalNeeded,
        awaiting: Awaiting { run, step, of_fallback: false },
    });
    let is_read = act.dossier.profile.approves_texts && act.step.channel != Channel::Call;
    let by_profile = is_read.then_some(Approver {
        agency: None,
        reason: if pursuer.is_some() { TaskReason::CreditorApproval } else { TaskReason::ApprovalNeeded },
        awaiting: Awaiting { run, step, of_fallback: act.is_fallback },
    });
    by_strategy.into_iter().chain(by_profile)
}

impl Approver {
    async fn said(self, conn: &mut Conn<'_>) -> Result<Option<Approval>, RecoveryError> {
        let Awaiting { run, step, of_fallback } = self.awaiting;
        let said = store::approval_of(conn, (run, step, of_fallback), self.agency).await?;
        Ok(said.map(|row| match row.result {
            Some(TaskResult::Approved) => Approval::Given,
            Some(TaskResult::Declined) => Approval::Declined,
            Some(
                TaskResult::Reached
                | TaskResult::NoAnswer
                | TaskResult::Promise
                | TaskResult::Dispute
                | TaskResult::Refused
                | TaskResult::Reviewed
                | TaskResult::LetItRun
                | TaskResult::TakeIt
                | TaskResult::ReasonGiven,
            )
            | None => Approval::Awaited,
        }))
    }
}

/// What people said of a step that needs a yes: of several the first who has not said it decides.
///
/// # Errors
/// The database fails.
pub async fn approval_of(conn: &mut Conn<'_>, case: &Case, act: &Act<'_>) -> Result<Approval, RecoveryError> {
    let mut all = Approval::NotNeeded;
    for approver in approvers(case, act) {
        match approver.said(conn).await? {
            Some(Approval::Given) => all = Approval::Given,
            Some(Approval::Declined) => return Ok(Approval::Declined),
            Some(Approval::Awaited | Approval::NotNeeded) | None => return Ok(Approval::Awaited),
        }
    }
    Ok(all)
}

/// Gives the account owner the first word, until the end of the window that is returned. The caller saves the case.
///
/// # Errors
/// The database fails.
pub async fn ask_owner(conn: &mut Conn<'_>, by: &By, case: &mut Case, dossier: &Dossier) -> Result<DateTime<Utc>, RecoveryError> {
    let today = day_in(dossier.calendar.zone(), by.at);
    let until = dossier.opening_on(dossier.calendar.add_working_days(today, OWNER_WORKING_DAYS), Channel::Mail);
    let new = New {
        kind: TaskKind::Owner,
        reason: TaskReason::OwnerFirst,
        about: &dossier.debtor.legal_name,
        action: None,
        step: None,
        due_at: until,
        assignee: dossier.profile.account_owner_id,
    };
    let id = open(conn, by, case, dossier, &new).await?;
    let told = json!({ "task_id": id, "reason": TaskReason::OwnerFirst, "account_owner_id": dossier.profile.account_owner_id, "until": until });
    case.record(by, EventKind::TaskOpened, told);
    Ok(until)
}

/// Asks the next of those whose yes a step needs, once. The caller saves the case.
///
/// # Errors
/// The database fails.
pub async fn ask_for_approval(conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError> {
    let mut awaited = None;
    for approver in approvers(case, act) {
        match approver.said(conn).await? {
            Some(Approval::Given) => {}
            None => {
                awaited = Some(approver);
                break;
            }
            Some(Approval::Awaited | Approval::Declined | Approval::NotNeeded) => break,
        }
    }
    let Some(Approver { reason, awaiting, .. }) = awaited else { return Ok(()) };
    let new = New {
        kind: TaskKind::Approval,
        reason,
        about: &act.dossier.debtor.legal_name,
        action: None,
        step: Some(awaiting),
        due_at: by.at,
        assignee: None,
    };
    let id = open(conn, by, case, act.dossier, &new).await?;
    case.record(by, EventKind::TaskOpened, act.told(json!({ "action_id": null, "task_id": id, "reason": reason })));
    Ok(())
}

/// Takes back the calls that were asked for before contact was stopped: they are asked for again when it resumes.
///
/// # Errors
/// The database fails.
pub async fn stop_stale_calls(conn: &mut Conn<'_>, case: &Case) -> Result<(), RecoveryError> {
    let uncalled = store::stop_stale_calls(conn, case.id, case.contact_epoch).await?;
    take_calls_back(conn, uncalled).await
}

/// The steps of calls that are not made do not count as taken.
///
/// # Errors
/// The database fails.
pub async fn take_calls_back(conn: &mut Conn<'_>, uncalled: Vec<store::Uncalled>) -> Result<(), RecoveryError> {
    for uncalled in uncalled {
        runs::take_back(conn, uncalled.taken()).await?;
    }
    Ok(())
}

/// What a person says of a task.
#[derive(Debug)]
pub struct Completion<'a> {
    pub result: TaskResult,
    pub note: Option<&'a str>,
}

/// Why contact rests after what an account owner said; none where it goes on.
fn owners_reason<'a>(completion: &Completion<'a>) -> Result<Option<&'a str>, RecoveryError> {
    match (completion.result, completion.note) {
        (TaskResult::TakeIt, note) => Ok(Some(note.unwrap_or("the account owner speaks with the customer"))),
        (TaskResult::ReasonGiven, Some(note)) => Ok(Some(note)),
        (TaskResult::ReasonGiven, None) => Err(RecoveryError::Invalid("/note", "say why they have not paid".to_owned())),
        (
            TaskResult::Reached
            | TaskResult::NoAnswer
            | TaskResult::Promise
            | TaskResult::Dispute
            | TaskResult::Refused
            | TaskResult::Reviewed
            | TaskResult::Approved
            | TaskResult::Declined
            | TaskResult::LetItRun,
            _,
        ) => Ok(None),
    }
}

/// A person has done a task. A review makes the engine look at the case again.
///
/// # Errors
/// Not visible, the agency's, done or stopped before, or a result of another kind of task.
pub async fn complete(conn: &mut Conn<'_>, by: &By, id: TaskId, completion: &Completion<'_>) -> Result<Task, RecoveryError> {
    let missing = RecoveryError::NotFound("task");
    let Some(case_id) = store::case_of(conn, id).await? else { return Err(missing) };
    let mut case = cases::lock(conn, by, case_id).await?;
    let Some(task) = store::find(conn, id).await? else { return Err(missing) };
    if let (Scope::Creditor(_), Some(_)) = (by.scope, task.agency_id) {
        return Err(RecoveryError::WorkOfTheAgency);
    }
    if task.status != TaskStatus::Open {
        return Err(RecoveryError::TaskIs(task.status));
    }
    if !completion.result.fits(task.kind) {
        return Err(RecoveryError::ResultOfAnotherKind);
    }
    if let Some(note) = completion.note {
        cases::check_text(note)?;
    }
    store::complete(conn, id, completion.result, completion.note, (by.member(), by.at)).await?;
    if let Some(action) = task.action_id {
        actions::set_status(conn, action, ActionStatus::Done, None).await?;
    }
    let decides = matches!(task.kind, TaskKind::Review | TaskKind::Approval | TaskKind::Owner);
    if let Some(reason) = owners_reason(completion)? {
        cases::place_hold(conn, by, &mut case, HoldKind::CreditorRequest, reason, Some(by.at + OWNERS_TIME)).await?;
    } else if decides || completion.result == TaskResult::NoAnswer {
        case.look_again(by.at);
    }
    let told = json!({ "task_id": id, "reason": task.reason, "result": completion.result, "note": completion.note });
    case.record(by, EventKind::TaskDone, told);
    cases::save(conn, by, &mut case).await?;
    store::find(conn, id).await?.ok_or(missing)
}

/// An organisation's own tasks, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, by: &By, status: Option<TaskStatus>, cursor: Cursor) -> Result<Vec<Task>, RecoveryError> {
    let Some(org) = by.scope.org() else { return Ok(Vec::new()) };
    let of_agency = matches!(by.scope, Scope::Agency(_));
    Ok(store::list(conn, store::Wanted { org, of_agency, status }, cursor).await?)
}
