//! Fees, payouts and statements over HTTP. Marking a payout as paid touches a case: `payments::api` does it.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{
    Fee, Payout, PayoutStatus,
    statement::{Statement, draw},
};
use crate::{
    app::App,
    db::Scope,
    http::{Caller, Page, PageQuery, Problem, Query, resource},
    parties::{AnyMember, Permission},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list_payouts, list_fees, show_statement),
    components(schemas(Fee, Payout, Statement)),
    tags((name = "settlement", description = "Fees, payouts and statements of account"))
)]
pub struct Docs;

/// `?status=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PayoutFilter {
    /// Only `due`, or only `paid` ones.
    pub status: Option<PayoutStatus>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Payouts that you make or get, newest first.
#[utoipa::path(get, path = "/payouts", tag = "settlement", params(PayoutFilter), responses((status = 200, body = Page<Payout>)))]
pub async fn list_payouts(app: Data<App>, member: AnyMember, filter: Query<PayoutFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let PayoutFilter { status, limit, cursor } = filter.0;
    let cursor = PageQuery { limit, cursor }.cursor()?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| super::list_payouts(conn, &by, status, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |payout| payout.id.0))
}

/// Fees that you charge or are charged, newest first.
#[utoipa::path(get, path = "/fees", tag = "settlement", params(PageQuery), responses((status = 200, body = Page<Fee>)))]
pub async fn list_fees(app: Data<App>, member: AnyMember, page: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let cursor = page.0.cursor()?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| super::list_fees(conn, member.org, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |fee| fee.id.0))
}

/// `?on=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// The day; today unless said.
    pub on: Option<NaiveDate>,
}

/// What your accounts stood at on a day, and every movement between.
#[utoipa::path(get, path = "/statement", tag = "settlement", params(StatementQuery), responses((status = 200, body = Statement)))]
pub async fn show_statement(app: Data<App>, member: AnyMember, day: Query<StatementQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money).or_else(|refusal| operator_may_read(&member, refusal))?;
    let by = member.by(app.clock.now());
    let statement = app.db.transaction(Scope::System, async |conn| draw(conn, &by, member.org, day.0.on).await).await?;
    resource(StatusCode::OK, &statement)
}

/// The operator's people have no permission for money of others; its own they may read.
fn operator_may_read(member: &AnyMember, refusal: Problem) -> Result<(), Problem> {
    if matches!(member.scope(), Scope::Operator(_)) { member.may(Permission::Read) } else { Err(refusal) }
}
