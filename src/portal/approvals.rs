//! What waits for a yes: all of it in a list, one at a time word by word, approved or refused with a reason.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Fields, Refused, Shell, Visitor, fields::settle};
use crate::{
    app::App,
    http::{Problem, Query},
    parties::Permission,
    recovery::{
        self, Completion, RecoveryError,
        approvals::{self, Awaited},
        desk::Work,
        records::TaskResult,
    },
    types::{Channel, TaskId},
};

const HERE: &str = "/portal/approvals";

#[derive(Template)]
#[template(path = "portal/approvals.html")]
struct ApprovalsPage<'a> {
    shell: &'a Shell,
    waiting: Vec<Line>,
    shown: Option<Awaited>,
    may_answer: bool,
}

impl ApprovalsPage<'_> {
    fn is_letter(awaited: &Awaited) -> bool {
        awaited.channel == Channel::Letter
    }

    fn is_shown(&self, line: &Line) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.task_id == line.task)
    }
}

/// Something that waits, to be chosen.
struct Line {
    task: TaskId,
    debtor: String,
    reference: String,
    since: DateTime<Utc>,
}

/// `?task=`; the most pressing unless said.
#[derive(Debug, Default, Deserialize)]
pub struct Chosen {
    pub task: Option<TaskId>,
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor, Query(chosen): Query<Chosen>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, chosen.task, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, chosen: Option<TaskId>, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let shell = visitor.shell("portal.approvals.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        let mut work = approvals::waiting(conn, &by).await?;
        let line = |one: &Work| Line {
            task: one.task.id,
            debtor: one.debtor.clone(),
            reference: one.reference.clone(),
            since: one.task.due_at,
        };
        let waiting = work.iter().map(line).collect();
        let at = work.iter().position(|one| Some(one.task.id) == chosen).unwrap_or(0);
        let shown = match work.drain(..).nth(at) {
            Some(one) => approvals::read(app, conn, &by, one).await?,
            None => None,
        };
        Ok::<_, RecoveryError>(ApprovalsPage { shell: &shell, waiting, shown, may_answer: visitor.may_write_on_cases().is_ok() })
    });
    visitor.show(&shell, &page.await?)
}

/// The letter that a task asks about, as it would be sent today.
///
/// # Errors
/// Not visible, or no letter.
pub async fn letter(app: Data<App>, visitor: Visitor, id: Path<TaskId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    approvals::draw(&app, &visitor.by_now(), *id).await
}

/// Says yes, or no and why.
///
/// # Errors
/// What is not the form's fault.
pub async fn answer(app: Data<App>, visitor: Visitor, id: Path<TaskId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let read = || {
        let (result, note) = (fields.parse("result")?, fields.optional("note"));
        if result == TaskResult::Declined && note.is_none() {
            return Err(Problem::invalid("/note", "say why not: whoever wrote it reads your reason"));
        }
        Ok(Completion { result, note })
    };
    let refused = match read() {
        Err(problem) => Some(fields.refused(problem)?),
        Ok(completion) => {
            fields
                .perform(&app, &visitor, async |conn, by| recovery::complete(conn, by, *id, &completion).await.map(drop))
                .await?
        }
    };
    let flash = if fields.text("result") == TaskResult::Approved.as_str() { "approved" } else { "declined" };
    settle(&visitor, refused, (HERE, flash), async |refused| page(&app, &visitor, Some(*id), refused).await).await
}
