//! A debtor's answers over HTTP, as told to a person: payment plans, and what stands in the way of paying.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::{
    CasesError, SuggestedTerms,
    api::CaseRow,
    circumstances::{self, Statement},
    plans::{self, PaymentPlan, PlanPolicy, PlanPolicySetting, PlanWish},
};
use crate::{
    app::App,
    http::{Caller, Command, IfMatch, Json, Page, Problem, answer, resource},
    parties::{AnyMember, CreditorMember, Permission},
    types::CaseId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(show_plan_policy, put_plan_policy, list_case_plans, agree_case_plan, state_circumstance, show_suggested_terms),
    components(schemas(PlanPolicy, PaymentPlan, SuggestedTerms))
)]
pub struct Docs;

/// Which payment plans your debtors may agree on by themselves.
#[utoipa::path(get, path = "/plan-policy", tag = "cases", responses((status = 200, body = PlanPolicy)))]
pub async fn show_plan_policy(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| plans::plan_policy(conn, &by, creditor.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets which payment plans your debtors may agree on by themselves. Running plans stay as they were agreed.
#[utoipa::path(put, path = "/plan-policy", tag = "cases", params(("If-Match" = String, Header)), request_body = PlanPolicySetting, responses((status = 200, body = PlanPolicy)))]
pub async fn put_plan_policy(
    app: Data<App>,
    creditor: CreditorMember,
    version: IfMatch,
    setting: Json<PlanPolicySetting>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let written =
        app.db.transaction(by.scope, async |conn| plans::set_plan_policy(conn, &by, creditor.org, version.0, setting.0).await);
    resource(StatusCode::OK, &written.await?)
}

/// The payment plans of a case, oldest first.
#[utoipa::path(get, path = "/cases/{case_id}/plans", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<PaymentPlan>)))]
pub async fn list_case_plans(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| {
        super::find(conn, &by, *id).await?;
        plans::list_plans(conn, &by, *id).await
    });
    resource(StatusCode::OK, &Page { data: found.await?, next_cursor: None })
}

/// Agrees with the debtor on a plan within the creditor's policy; contact stops while it is kept. `dry_run=true` lays it out.
#[utoipa::path(post, path = "/cases/{case_id}/plans", tag = "cases", params(("case_id" = CaseId, Path)), request_body = PlanWish, responses((status = 201, body = PaymentPlan)))]
pub async fn agree_case_plan(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<PlanWish>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        plans::agree_plan(conn, by, *id, command.input).await.map(|(_, plan)| plan)
    })
    .await
}

/// Writes down that the debtor is in hardship, insolvent, or represented; contact stops at once.
#[utoipa::path(post, path = "/cases/{case_id}/circumstances", tag = "cases", params(("case_id" = CaseId, Path)), request_body = Statement, responses((status = 201, body = CaseRow)))]
pub async fn state_circumstance(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<Statement>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        let case = circumstances::state(conn, by, *id, &command.input).await?;
        Ok::<_, CasesError>(CaseRow::from(&case))
    })
    .await
}

/// Terms for the time after a case that is over, by a stated rule: whether orders are taken again, what is paid in advance, how
/// soon the rest.
#[utoipa::path(get, path = "/cases/{case_id}/suggested-terms", tag = "cases", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = SuggestedTerms), (status = 409, description = "it is not over")))]
pub async fn show_suggested_terms(app: Data<App>, creditor: CreditorMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| super::suggested_terms(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &found)
}
