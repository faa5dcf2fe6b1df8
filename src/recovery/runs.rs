//! A case's run through a strategy: started when somebody begins to pursue it, resumed when it comes back to them, moved to
//! another strategy when they say so.
//!
//! What may never happen here: a running case that changes its strategy by itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    RecoveryError,
    answers::{self, Answered},
    assignments::{self, Candidate},
    dossier::{Dossier, pursuer_of},
    evaluation::Progress,
    playbooks::{self, Newcomer},
    records::TaskReason,
    standing::{Standing, standing},
    store::{runs as store, tasks},
    strategies::{self, StrategyVersion, label},
    strategy::{Anchor, Step},
};
use crate::{
    cases::{self, Case, EventKind},
    db::{By, Conn},
    types::{CaseId, OrgId, StrategyId, StrategyRunId, clock::day_in},
};

/// A timeline is read whole for the answers in it.
const EVENTS_MAX: i64 = 10_000;

/// A run with the strategy version it was started under.
#[derive(Debug, Clone)]
pub struct Run {
    pub id: StrategyRunId,
    /// `default v1`
    pub strategy: String,
    pub steps: Vec<Step>,
    pub progress: Progress,
    /// A message of it is on its way out: nothing follows until it has left or was stopped.
    pub leaving: bool,
    /// Whose other channel is to be taken before anything else; from 0.
    pub fallback: Option<usize>,
    /// When the last step was taken, else when the run began: what the debtor says from then on is an answer.
    pub answers_since: DateTime<Utc>,
}

/// What came back since the last step.
#[derive(Debug, Default)]
pub struct Answers {
    pub found: Vec<Answered>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// A run as its parties see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    pub strategy_id: StrategyId,
    #[schema(example = "default")]
    pub name: String,
    pub number: i32,
    /// Why this strategy.
    pub because: String,
    /// Counted from 1; behind the last one where all are taken or left out.
    pub next_step: i32,
    pub steps: Vec<Step>,
    pub started_at: DateTime<Utc>,
    pub standing: Standing,
    /// When the engine looks at the case again.
    pub next_action_at: Option<DateTime<Utc>>,
}

/// Another strategy for a running case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub strategy_id: StrategyId,
    /// The key of the step to begin with; the first unless said.
    pub from_step: Option<String>,
}

/// The run of whoever pursues the case now.
///
/// # Errors
/// The database fails, or holds a strategy that cannot be read.
pub async fn current(conn: &mut Conn<'_>, by: &By, case: &mut Case, dossier: &Dossier) -> Result<Run, RecoveryError> {
    let pursuer = pursuer_of(case);
    match store::find(conn, case.id, pursuer).await? {
        Some(row) if row.ended => {
            store::end_others(conn, case.id, pursuer, by.at).await?;
            store::resume(conn, row.id).await?;
            read(row, case, dossier)
        }
        Some(row) => read(row, case, dossier),
        None => {
            let (strategy, because) = choose(conn, by, case, dossier).await?;
            start(conn, by, case, dossier, (&strategy, &because)).await
        }
    }
}

/// The strategy for a case that begins: the pursuer's most particular assignment, else the playbook of its kind.
async fn choose(
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    dossier: &Dossier,
) -> Result<(StrategyVersion, String), RecoveryError> {
    let owner = owner_of(case);
    let candidate = Candidate {
        debtor: case.debtor,
        debtor_kind: dossier.debtor.kind,
        principal_minor: case.principal_minor,
        currency: case.currency,
    };
    let assigned = assignments::list(conn, by, owner).await?;
    if let Some(assignment) = assignments::choose(&assigned, &candidate)
        && let Some(strategy) = strategies::in_force(conn, by, owner, &assignment.strategy).await?
    {
        return Ok((strategy, assignment.applies_to.because().to_owned()));
    }
    let (name, because) = playbooks::choose(&Newcomer {
        phase: case.phase,
        country: dossier.debtor.country,
        debtor_kind: dossier.debtor.kind,
        principal_minor: case.principal_minor,
        oldest_due_on: case.oldest_due_on,
        today: day_in(dossier.calendar.zone(), by.at),
    });
    // The platform's own, even where the organisation has one of the same name that it did not assign.
    let shipped = strategies::shipped(conn, by, name).await?;
    Ok((shipped, because.to_owned()))
}

/// Whose strategies the case goes through.
fn owner_of(case: &Case) -> OrgId {
    pursuer_of(case).unwrap_or(case.creditor)
}

async fn start(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    dossier: &Dossier,
    (strategy, because): (&StrategyVersion, &str),
) -> Result<Run, RecoveryError> {
    store::end_others(conn, case.id, pursuer_of(case), by.at).await?;
    let run = store::Insert {
        id: StrategyRunId::fresh(),
        case: case.id,
        creditor: case.creditor,
        agency: pursuer_of(case),
        strategy: strategy.id,
        because,
        anchored_on: day_in(dossier.calendar.zone(), case.phase_since),
        next_step: 0,
        started_at: by.at,
    };
    store::insert(conn, &run).await?;
    case.record(by, EventKind::StrategyChosen, json!({ "strategy": strategy.label(), "because": because }));
    let row = store::find(conn, case.id, pursuer_of(case)).await?.ok_or(RecoveryError::NotFound("run"))?;
    read(row, case, dossier)
}

fn read(row: store::RunRow, case: &Case, dossier: &Dossier) -> Result<Run, RecoveryError> {
    let progress = Progress {
        anchored_on: row.anchored_on,
        due_on: case.oldest_due_on,
        next_step: usize::try_from(row.next_step).unwrap_or(0),
        last_step: row.last_step.and_then(|step| usize::try_from(step).ok()),
        last_step_on: row.last_step_at.map(|at| day_in(dossier.calendar.zone(), at)),
    };
    let steps = serde_json::from_value::<Vec<Step>>(row.steps)?;
    Ok(Run {
        id: row.id,
        strategy: label(&row.name, row.version),
        steps,
        progress,
        leaving: row.leaving,
        fallback: row.fallback_step.and_then(|step| usize::try_from(step).ok()),
        answers_since: row.last_step_at.unwrap_or(row.started_at),
    })
}

impl Run {
    /// The step it stands at, as stored: from 0.
    #[must_use]
    pub fn step(&self) -> i32 {
        i32::try_from(self.progress.next_step).unwrap_or(i32::MAX)
    }

    /// Goes on to a later step, 0-based.
    ///
    /// # Errors
    /// The database fails.
    pub async fn go_to(&mut self, conn: &mut Conn<'_>, step: usize) -> Result<(), RecoveryError> {
        let to = i32::try_from(step).unwrap_or(i32::MAX);
        store::set_next_step(conn, self.id, self.step(), to).await?;
        self.progress.next_step = step;
        Ok(())
    }

    /// What the debtor has answered to the last step, where the strategy asks, and when a person last decided on an answer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn answers(&self, conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<Answers, RecoveryError> {
        let asks = |step: &Step| !step.branches.is_empty() || step.anchor == Anchor::Answer;
        if !self.steps.iter().any(asks) {
            return Ok(Answers::default());
        }
        let decided_at = tasks::asked(conn, case.id, pursuer_of(case), TaskReason::Answered).await?.last_done_at;
        let events = cases::list_events(conn, by, case.id, 0, EVENTS_MAX).await?;
        let mut found = answers::read(&events);
        found.retain(|answered| answered.at >= self.answers_since);
        Ok(Answers { found, decided_at })
    }
}

/// A step of a run as it was taken: by its own channel or by the other one it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub run: StrategyRunId,
    /// Counted from 0.
    pub step: i32,
    pub is_fallback: bool,
}

/// Goes on behind the step that was taken or refused.
///
/// # Errors
/// The database fails.
pub async fn advance(conn: &mut Conn<'_>, taken: Taken) -> Result<(), RecoveryError> {
    if taken.is_fallback {
        store::set_fallback(conn, taken.run, None).await?;
    } else {
        store::set_next_step(conn, taken.run, taken.step, taken.step + 1).await?;
    }
    Ok(())
}

/// Takes a step back that was stopped before it left; where a later step was taken since, it is given up.
///
/// # Errors
/// The database fails.
pub async fn take_back(conn: &mut Conn<'_>, taken: Taken) -> Result<(), RecoveryError> {
    if taken.is_fallback {
        store::set_fallback(conn, taken.run, Some(taken.step)).await?;
    } else {
        store::set_next_step(conn, taken.run, taken.step + 1, taken.step).await?;
    }
    Ok(())
}

/// The message of a step came back or never left: the other channel that the step names, if it does, is next. Given up where a
/// later step was taken since.
///
/// # Errors
/// The database fails.
pub async fn fall_back(conn: &mut Conn<'_>, taken: Taken) -> Result<(), RecoveryError> {
    if !taken.is_fallback {
        store::fall_back(conn, taken.run, taken.step).await?;
    }
    Ok(())
}

/// The running run of whoever pursues a case, as it is; none before the first look.
///
/// # Errors
/// The database fails, or holds a strategy that cannot be read.
pub async fn running(conn: &mut Conn<'_>, case: &Case, dossier: &Dossier) -> Result<Option<Run>, RecoveryError> {
    let found = store::find(conn, case.id, pursuer_of(case)).await?;
    found.filter(|row| !row.ended).map(|row| read(row, case, dossier)).transpose()
}

/// The run of a case as `by` may see it.
///
/// # Errors
/// The case is not visible, or the engine has not begun with it.
pub async fn show(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<RunView, RecoveryError> {
    let case = cases::find(conn, by, id).await?;
    let row = store::find(conn, id, pursuer_of(&case)).await?.ok_or(RecoveryError::NotFound("run of this case"))?;
    view(conn, by, row, &case).await
}

async fn view(conn: &mut Conn<'_>, by: &By, row: store::RunRow, case: &Case) -> Result<RunView, RecoveryError> {
    let is_held = !cases::running_holds(conn, case.id, by.at).await?.is_empty();
    Ok(RunView {
        strategy_id: row.strategy_id,
        name: row.name,
        number: row.version,
        because: row.because,
        next_step: row.next_step + 1,
        steps: serde_json::from_value(row.steps)?,
        started_at: row.started_at,
        standing: standing(case.phase, is_held, case.next_action_at.is_some()),
        next_action_at: case.next_action_at,
    })
}

/// Whoever pursues a case moves it to another strategy, from a step of it. What was done stays done and spaces what follows.
///
/// # Errors
/// Not the pursuer's, not pursued, not published, or no such step.
pub async fn move_to(conn: &mut Conn<'_>, by: &By, id: CaseId, wanted: &Move) -> Result<RunView, RecoveryError> {
    let mut case = cases::lock(conn, by, id).await?;
    if !case.is_pursued() {
        return Err(RecoveryError::NotPursued(case.phase));
    }
    if by.scope.org() != Some(owner_of(&case)) {
        return Err(RecoveryError::NotThePursuer);
    }
    let strategy = strategies::find(conn, by, wanted.strategy_id).await?;
    if strategy.published_at.is_none() {
        return Err(RecoveryError::Invalid("/strategy_id", "this version is a draft: publish it first".to_owned()));
    }
    let first = match &wanted.from_step {
        None => 0,
        Some(key) => strategy.steps.iter().position(|step| step.key.as_ref() == Some(key)).ok_or_else(|| {
            RecoveryError::Invalid("/from_step", format!("{} has no step with the key `{key}`", strategy.label()))
        })?,
    };
    let before = store::find(conn, id, pursuer_of(&case)).await?;
    let anchored_on = before.as_ref().map_or_else(|| by.at.date_naive(), |run| run.anchored_on);
    store::end_all(conn, id, by.at).await?;
    let run = store::Insert {
        id: StrategyRunId::fresh(),
        case: id,
        creditor: case.creditor,
        agency: pursuer_of(&case),
        strategy: strategy.id,
        because: "moved by hand",
        anchored_on,
        next_step: i32::try_from(first).unwrap_or(0),
        started_at: by.at,
    };
    store::insert(conn, &run).await?;
    let from = before.map(|run| label(&run.name, run.version));
    let told = json!({ "from": from, "to": strategy.label(), "from_step": wanted.from_step });
    case.record(by, EventKind::StrategyChanged, told);
    case.look_again(by.at);
    cases::save(conn, by, &mut case).await?;
    let row = store::find(conn, id, pursuer_of(&case)).await?.ok_or(RecoveryError::NotFound("run of this case"))?;
    view(conn, by, row, &case).await
}
