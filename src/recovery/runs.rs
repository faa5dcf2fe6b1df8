//! A case's run through a strategy: started when somebody begins to pursue it, resumed when it comes back to them.

use serde_json::Value;

use super::{
    RecoveryError,
    dossier::{Dossier, pursuer_of},
    evaluation::Progress,
    store::runs as store,
    strategy::{Step, Strategy},
};
use crate::{
    cases::Case,
    db::{By, Conn},
    types::{StrategyRunId, clock::day_in},
};

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
}

/// The run of whoever pursues the case now.
///
/// # Errors
/// The database fails, or holds a strategy that cannot be read.
pub async fn current(conn: &mut Conn<'_>, by: &By, case: &Case, dossier: &Dossier) -> Result<Run, RecoveryError> {
    let pursuer = pursuer_of(case);
    match store::find(conn, case.id, pursuer).await? {
        Some(row) if row.ended => {
            store::end_others(conn, case.id, pursuer, by.at).await?;
            store::resume(conn, row.id).await?;
            read(row, case, dossier)
        }
        Some(row) => read(row, case, dossier),
        None => {
            store::end_others(conn, case.id, pursuer, by.at).await?;
            start(conn, by, case, dossier).await
        }
    }
}

async fn start(conn: &mut Conn<'_>, by: &By, case: &Case, dossier: &Dossier) -> Result<Run, RecoveryError> {
    let strategy = Strategy::shipped()?;
    let stored = store::shipped(conn, &strategy.name, strategy.version, &serde_json::to_value(&strategy.steps)?, by.at).await?;
    let run = store::Insert {
        id: StrategyRunId::fresh(),
        case: case.id,
        creditor: case.creditor,
        agency: pursuer_of(case),
        strategy: stored,
        anchored_on: day_in(dossier.calendar.zone(), case.phase_since),
        started_at: by.at,
    };
    store::insert(conn, &run).await?;
    let progress = Progress { anchored_on: run.anchored_on, due_on: case.oldest_due_on, next_step: 0, last_step_on: None };
    Ok(Run {
        id: run.id,
        strategy: format!("{} v{}", strategy.name, strategy.version),
        steps: strategy.steps,
        progress,
        leaving: false,
    })
}

fn read(row: store::RunRow, case: &Case, dossier: &Dossier) -> Result<Run, RecoveryError> {
    let progress = Progress {
        anchored_on: row.anchored_on,
        due_on: case.oldest_due_on,
        next_step: usize::try_from(row.next_step).unwrap_or(0),
        last_step_on: row.last_step_at.map(|at| day_in(dossier.calendar.zone(), at)),
    };
    let steps = serde_json::from_value::<Vec<Step>>(Value::clone(&row.steps))?;
    Ok(Run { id: row.id, strategy: format!("{} v{}", row.name, row.version), steps, progress, leaving: row.leaving })
}

impl Run {
    /// The step it stands at, as stored: from 0.
    #[must_use]
    pub fn step(&self) -> i32 {
        i32::try_from(self.progress.next_step).unwrap_or(i32::MAX)
    }

    /// Goes on to the next step.
    ///
    /// # Errors
    /// The database fails.
    pub async fn advance(&self, conn: &mut Conn<'_>) -> Result<(), RecoveryError> {
        store::set_next_step(conn, self.id, self.step(), self.step() + 1).await?;
        Ok(())
    }
}

/// Takes a step back that was stopped before it left; `false` where a later step was taken since, and it is given up.
///
/// # Errors
/// The database fails.
pub async fn take_back(conn: &mut Conn<'_>, run: StrategyRunId, step: i32) -> Result<bool, RecoveryError> {
    Ok(store::set_next_step(conn, run, step + 1, step).await?)
}
