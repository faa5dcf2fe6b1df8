//! What waits for a yes, word by word: approved, or refused with a reason.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor, fields::settle};
use crate::{
    app::App,
    http::Problem,
    parties::Permission,
    recovery::{
        self, Completion,
        approvals::{self, Awaited},
        records::TaskResult,
    },
    types::{Channel, TaskId},
};

const HERE: &str = "/portal/approvals";

#[derive(Template)]
#[template(path = "portal/approvals.html")]
struct ApprovalsPage<'a> {
    shell: &'a Shell,
    waiting: Vec<Awaited>,
    may_answer: bool,
}

impl ApprovalsPage<'_> {
    fn is_letter(awaited: &Awaited) -> bool {
        awaited.channel == Channel::Letter
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let shell = visitor.shell("portal.approvals.title", refused);
    let waiting = app.db.transaction(by.scope, async |conn| approvals::list(app, conn, &by).await).await?;
    visitor.show(&shell, &ApprovalsPage { shell: &shell, waiting, may_answer: visitor.may_write_on_cases().is_ok() })
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
    let read = || match fields.parse("result")? {
        TaskResult::Declined if fields.optional("note").is_none() => {
            Err(Problem::invalid("/note", "say why not: whoever wrote it reads your reason"))
        }
        result => Ok(Completion { result, note: fields.optional("note") }),
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
    settle(&visitor, refused, (HERE, flash), async |refused| page(&app, &visitor, refused).await).await
}
