//! Calls: a task for a person of whoever pursues the case.

use serde_json::json;

use super::{
    super::{
        RecoveryError,
        act::Act,
        records::{ActionStatus, TaskKind, TaskReason},
        tasks,
    },
    Carrier,
};
use crate::{
    app::App,
    cases::{Case, EventKind},
    db::{By, Conn},
};

/// Asks people.
pub struct Calls;

impl Carrier for Calls {
    async fn prepare(_: &App, conn: &mut Conn<'_>, by: &By, case: &mut Case, act: &Act<'_>) -> Result<(), RecoveryError> {
        act.keep(conn, case, ActionStatus::Prepared, None, by.at).await?;
        let new = tasks::New {
            kind: TaskKind::Call,
            reason: TaskReason::CallDue,
            about: &act.dossier.debtor.legal_name,
            action: Some(act.id),
            step: None,
            due_at: by.at,
            assignee: None,
        };
        let id = tasks::open(conn, by, case, act.dossier, &new).await?;
        case.record(by, EventKind::TaskOpened, act.told(json!({ "task_id": id, "reason": TaskReason::CallDue })));
        Ok(())
    }
}
