//! Strategies over HTTP: written, published, assigned to cases, and what a case goes through.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::{
    assignments::{self, Assignment, NewAssignment},
    rehearsals::{self, BackTest, BackTestWish, DryRun, DryRunWish},
    runs::{self, Move, RunView},
    strategies::{self, NewStrategy, StrategyVersion},
    work_api::may_lead,
};
use crate::{
    app::App,
    http::{Caller, Command, Json, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, Permission},
    types::{CaseId, StrategyAssignmentId, StrategyId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        list_strategies,
        write_strategy,
        show_strategy,
        publish_strategy,
        list_strategy_assignments,
        assign_strategy,
        withdraw_strategy_assignment,
        show_case_strategy,
        move_case_to_strategy,
        rehearse_strategy,
        back_test_strategy
    ),
    components(schemas(StrategyVersion, Assignment, RunView, DryRun, BackTest))
)]
pub struct Docs;

/// Your strategies, version by version, and those that ship with the platform; newest first.
#[utoipa::path(get, path = "/strategies", tag = "recovery", params(PageQuery), responses((status = 200, body = Page<StrategyVersion>)))]
pub async fn list_strategies(app: Data<App>, member: AnyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let (by, cursor) = (member.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| strategies::list(conn, &by, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |strategy| strategy.id.0))
}

/// Keeps a draft: the first version of a name, or the next one. `faults` says what keeps it from being published.
#[utoipa::path(post, path = "/strategies", tag = "recovery", request_body = NewStrategy, responses((status = 201, body = StrategyVersion)))]
pub async fn write_strategy(app: Data<App>, member: AnyMember, command: Command<NewStrategy>) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        strategies::create(conn, by, member.org, &command.input).await
    })
    .await
}

/// A version of a strategy.
#[utoipa::path(get, path = "/strategies/{strategy_id}", tag = "recovery", params(("strategy_id" = StrategyId, Path)), responses((status = 200, body = StrategyVersion)))]
pub async fn show_strategy(app: Data<App>, member: AnyMember, id: Path<StrategyId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| strategies::find(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &found)
}

/// Publishes a version, which never changes from then on. One that goes round in a circle or never ends is refused.
#[utoipa::path(post, path = "/strategies/{strategy_id}/publication", tag = "recovery", params(("strategy_id" = StrategyId, Path)), request_body = Nothing, responses((status = 200, body = StrategyVersion)))]
pub async fn publish_strategy(
    app: Data<App>,
    member: AnyMember,
    id: Path<StrategyId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| {
        strategies::publish(conn, by, member.org, *id).await
    })
    .await
}

/// Which cases get which strategy when they begin; newest first. Of several that fit the most particular wins.
#[utoipa::path(get, path = "/strategy-assignments", tag = "recovery", responses((status = 200, body = Page<Assignment>)))]
pub async fn list_strategy_assignments(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| assignments::list(conn, &by, member.org).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// Assigns a strategy to all your cases, to a class of debtors, to a range of amounts or to one customer. Running cases keep theirs.
#[utoipa::path(post, path = "/strategy-assignments", tag = "recovery", request_body = NewAssignment, responses((status = 201, body = Assignment)))]
pub async fn assign_strategy(
    app: Data<App>,
    member: AnyMember,
    command: Command<NewAssignment>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        assignments::assign(conn, by, member.org, &command.input).await
    })
    .await
}

/// Withdraws an assignment.
#[utoipa::path(delete, path = "/strategy-assignments/{assignment_id}", tag = "recovery", params(("assignment_id" = StrategyAssignmentId, Path)), responses((status = 204, description = "withdrawn")))]
pub async fn withdraw_strategy_assignment(
    app: Data<App>,
    member: AnyMember,
    id: Path<StrategyAssignmentId>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| assignments::withdraw(conn, &by, member.org, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The strategy a case goes through in the hands of whoever pursues it now, why, and how far it has come.
#[utoipa::path(get, path = "/cases/{case_id}/strategy", tag = "recovery", params(("case_id" = CaseId, Path)), responses((status = 200, body = RunView)))]
pub async fn show_case_strategy(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let run = app.db.transaction(by.scope, async |conn| runs::show(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &run)
}

/// Moves a running case to another strategy, from a step of it. What was done stays done.
#[utoipa::path(post, path = "/cases/{case_id}/strategy", tag = "recovery", params(("case_id" = CaseId, Path)), request_body = Move, responses((status = 200, body = RunView)))]
pub async fn move_case_to_strategy(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<Move>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| runs::move_to(conn, by, *id, &command.input).await)
        .await
}

/// What a version, also a draft, would do to the cases that you pursue today: a calendar, counts by channel, and which rule of the
/// contact policy would refuse or put off what. Each case is walked from the first step, as if moved to it now, with the same
/// evaluation and the same policy as the engine; nothing is done. It assumes that debtors answer nothing.
#[utoipa::path(post, path = "/strategies/{strategy_id}/dry-run", tag = "recovery", params(("strategy_id" = StrategyId, Path)), request_body = DryRunWish, responses((status = 200, body = DryRun)))]
pub async fn rehearse_strategy(
    app: Data<App>,
    member: AnyMember,
    id: Path<StrategyId>,
    wish: Json<DryRunWish>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    let tried = app.db.transaction(by.scope, async |conn| rehearsals::dry_run(&app, conn, &by, *id, &wish.0).await).await?;
    resource(StatusCode::OK, &tried)
}

/// What a version, also a draft, would have done to the closed cases that you pursued, by outcome, beside what was done. What
/// debtors answered and paid is taken as it was.
#[utoipa::path(post, path = "/strategies/{strategy_id}/back-test", tag = "recovery", params(("strategy_id" = StrategyId, Path)), request_body = BackTestWish, responses((status = 200, body = BackTest)))]
pub async fn back_test_strategy(
    app: Data<App>,
    member: AnyMember,
    id: Path<StrategyId>,
    wish: Json<BackTestWish>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    let tried = app.db.transaction(by.scope, async |conn| rehearsals::back_test(&app, conn, &by, *id, &wish.0).await).await?;
    resource(StatusCode::OK, &tried)
}
