//! Fees, payouts and statements over HTTP. Marking a payout as paid touches a case: `payments::api` does it.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{
    Fee, Payout, PayoutStatus, SettlementError,
    preferences::{self, Preference, PreferenceSetting},
    statement::{Period, Statement, draw, draw_period},
};
use crate::{
    app::App,
    db::Scope,
    http::{Caller, IfMatch, Json, Page, PageQuery, Problem, Query, pdf_file, resource},
    parties::{self, AnyMember, Organisation, Permission},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list_payouts, show_payout_preference, put_payout_preference, list_fees, show_statement, print_statement, download_statement),
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

/// When, and from which amount on, you want to be paid out; at once and from the first cent on unless you asked for something else.
#[utoipa::path(get, path = "/payout-preference", tag = "settlement", responses((status = 200, body = Preference)))]
pub async fn show_payout_preference(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| preferences::find(conn, member.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Says when you want to be paid out. `If-Match: "v0"` the first time. The legal month goes before any wish.
#[utoipa::path(put, path = "/payout-preference", tag = "settlement", params(("If-Match" = String, Header)), request_body = PreferenceSetting, responses((status = 200, body = Preference)))]
pub async fn put_payout_preference(
    app: Data<App>,
    member: AnyMember,
    version: IfMatch,
    setting: Json<PreferenceSetting>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let by = member.by(app.clock.now());
    let written = app.db.transaction(by.scope, async |conn| preferences::set(conn, &by, member.org, version.0, setting.0).await);
    resource(StatusCode::OK, &written.await?)
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

/// `?from=&until=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// The first day; the first of the last day's month unless said.
    pub from: Option<NaiveDate>,
    /// The last day; today unless said. At most a year after the first.
    pub until: Option<NaiveDate>,
}

async fn of_period(app: &App, member: &AnyMember, query: &PeriodQuery) -> Result<(Statement, Organisation), Problem> {
    member.may(Permission::Money).or_else(|refusal| operator_may_read(member, refusal))?;
    let (by, period) = (member.by(app.clock.now()), Period { first_on: query.from, last_on: query.until });
    let drawn = app.db.transaction(Scope::System, async |conn| {
        let statement = draw_period(conn, &by, member.org, period).await?;
        Ok::<_, SettlementError>((statement, parties::find_organisation(conn, &by, member.org).await?))
    });
    Ok(drawn.await?)
}

/// Your statement of account for some days, to print, in your organisation's language.
#[utoipa::path(get, path = "/statement.pdf", tag = "settlement", params(PeriodQuery), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn print_statement(app: Data<App>, member: AnyMember, period: Query<PeriodQuery>) -> Result<HttpResponse, Problem> {
    let (statement, owner) = of_period(&app, &member, &period.0).await?;
    let sheet = statement.sheet(&owner, app.clock.now());
    let pdf = actix_web::web::block(move || sheet.pdf()).await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(pdf_file(&format!("statement-{}.pdf", statement.on), pdf))
}

/// Your statement of account for some days as CSV: UTF-8, semicolons, decimal points.
#[utoipa::path(get, path = "/statement.csv", tag = "settlement", params(PeriodQuery), responses((status = 200, content_type = "text/csv", body = Vec<u8>)))]
pub async fn download_statement(app: Data<App>, member: AnyMember, period: Query<PeriodQuery>) -> Result<HttpResponse, Problem> {
    let (statement, _) = of_period(&app, &member, &period.0).await?;
    let csv = statement.csv().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"statement-{}.csv\"", statement.on)))
        .insert_header(("Cache-Control", "no-store"))
        .body(csv))
}

/// The operator's people have no permission for money of others; its own they may read.
fn operator_may_read(member: &AnyMember, refusal: Problem) -> Result<(), Problem> {
    if matches!(member.scope(), Scope::Operator(_)) { member.may(Permission::Read) } else { Err(refusal) }
}
