//! Whether the machine does its work: jobs that wait and jobs that were given up, cases the engine should have looked at,
//! and the books recomputed on demand.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, visitor::OperatorVisitor};
use crate::{
    app::App,
    cases,
    db::Scope,
    http::{AsSystem, Problem},
    jobs::{self, Backlog, DeadLetter},
    ledger::{self, Verified},
    parties::Permission,
    types::JobId,
};

const HERE: &str = "/portal/health";
const DEAD_AT_MOST: i64 = 50;

#[derive(Template)]
#[template(path = "portal/health.html")]
struct HealthPage<'a> {
    shell: &'a Shell,
    backlog: Backlog,
    due_cases: i64,
    dead: Vec<DeadLetter>,
    /// None: nobody asked.
    books: Option<Result<Verified, String>>,
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: OperatorVisitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, None, Refused::nothing()).await
}

async fn page(
    app: &App,
    visitor: &OperatorVisitor,
    books: Option<Result<Verified, String>>,
    refused: Refused,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let at = visitor.by_now().at;
    let (backlog, dead, due_cases) = app
        .db
        .transaction(Scope::System, async |conn| {
            let (backlog, dead) = (jobs::backlog(conn, at).await?, jobs::list_dead(conn, DEAD_AT_MOST).await?);
            Ok::<_, Problem>((backlog, dead, cases::count_due(conn, at).await?))
        })
        .await?;
    let shell = visitor.shell("portal.health.title", refused);
    visitor.show(&shell, &HealthPage { shell: &shell, backlog, due_cases, dead, books })
}

/// Recomputes the books.
///
/// # Errors
/// The database fails. A wrong row is an answer.
pub async fn verify(app: Data<App>, visitor: OperatorVisitor, _fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let books = ledger::verify(&app).await.map_err(|error| error.to_string());
    page(&app, &visitor, Some(books), Refused::nothing()).await
}

/// Gives a job that was given up its patience back.
///
/// # Errors
/// What is not the form's fault.
pub async fn revive(app: Data<App>, visitor: OperatorVisitor, id: Path<JobId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let sent = fields
        .perform(&app, &AsSystem(&**visitor), async |conn, by| {
            if jobs::revive(conn, *id, by.at).await? { Ok(()) } else { Err(Problem::not_found()) }
        })
        .await?;
    match sent {
        None => visitor.done(HERE, "job_revived"),
        Some(refused) => page(&app, &visitor, None, refused).await,
    }
}
