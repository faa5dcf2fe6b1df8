//! Recovery over HTTP: what was done on a case, what was written, and people's tasks.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    Action, Delivery, RecoveryError, Task, desk,
    records::{TaskResult, TaskStatus},
    store, tasks,
};
use crate::{
    app::App,
    cases,
    http::{Caller, Command, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, Permission},
    receivables::download,
    types::{CaseId, DeliveryId, TaskId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list_tasks, complete_task, list_case_actions, list_case_deliveries, download_letter),
    components(schemas(Action, Delivery, Task)),
    tags((name = "recovery", description = "Steps taken, messages and what became of them, work for people"))
)]
pub struct Docs;

/// `?status=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskFilter {
    pub status: Option<TaskStatus>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Your organisation's own tasks, newest first.
#[utoipa::path(get, path = "/tasks", tag = "recovery", params(TaskFilter), responses((status = 200, body = Page<Task>)))]
pub async fn list_tasks(app: Data<App>, member: AnyMember, filter: Query<TaskFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let TaskFilter { status, limit, cursor } = filter.0;
    let cursor = PageQuery { limit, cursor }.cursor()?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| tasks::list(conn, &by, status, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |task| task.id.0))
}

/// What a task came to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskCompletion {
    /// A call: `reached`, `no_answer`, `promise`, `dispute` or `refused`. A review: `reviewed`. An approval: `approved` or
    /// `declined`. An account owner's: `let_it_run`; `take_it`, or
    /// `reason_given` with the reason as its `note`, and everybody else waits for two weeks. A promise or an objection with its
    /// day or reason is written down on the case besides, and holds contact.
    pub result: TaskResult,
    pub note: Option<String>,
}

/// Says what a task came to. After a conversation nobody contacts the debtor for a week.
#[utoipa::path(post, path = "/tasks/{task_id}/completion", tag = "recovery", params(("task_id" = TaskId, Path)), request_body = TaskCompletion, responses((status = 200, body = Task)))]
pub async fn complete_task(
    app: Data<App>,
    member: AnyMember,
    id: Path<TaskId>,
    command: Command<TaskCompletion>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let TaskCompletion { result, note } = &command.input;
    let completion = tasks::Completion { result: *result, note: note.as_deref() };
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| tasks::complete(conn, by, *id, &completion).await)
        .await
}

/// The steps taken on a case, oldest first: a creditor sees all, an agency its own.
#[utoipa::path(get, path = "/cases/{case_id}/actions", tag = "recovery", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<Action>)))]
pub async fn list_case_actions(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let actions = app.db.transaction(by.scope, async |conn| {
        cases::find(conn, &by, *id).await?;
        Ok::<_, RecoveryError>(store::actions::list_of_case(conn, *id).await?)
    });
    resource(StatusCode::OK, &Page { data: actions.await?, next_cursor: None })
}

/// The messages of a case, word by word, oldest first, and what became of them.
#[utoipa::path(get, path = "/cases/{case_id}/deliveries", tag = "recovery", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<Delivery>)))]
pub async fn list_case_deliveries(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let deliveries = app.db.transaction(by.scope, async |conn| {
        cases::find(conn, &by, *id).await?;
        Ok::<_, RecoveryError>(store::deliveries::list_of_case(conn, *id).await?)
    });
    resource(StatusCode::OK, &Page { data: deliveries.await?, next_cursor: None })
}

/// A letter, print-ready.
#[utoipa::path(get, path = "/deliveries/{delivery_id}/document", tag = "recovery", params(("delivery_id" = DeliveryId, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn download_letter(app: Data<App>, member: AnyMember, id: Path<DeliveryId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let document = app.db.transaction(by.scope, async |conn| desk::letter_of(conn, &by, *id).await).await?;
    download(&app, document).await
}
