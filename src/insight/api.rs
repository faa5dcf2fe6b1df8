//! Reports over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{
    InsightError, Report, ReportKind,
    overview::{self, CustomerOverview},
    provisions::{self, ProvisionPolicy, ProvisionSetting},
    treasury::treasury,
    treasury_mails::{self, TreasuryMail},
};
use crate::{
    app::App,
    db::By,
    http::{Caller, IfMatch, Json, Problem, Query, pdf_file, resource},
    parties::{self, CreditorMember, Permission},
    types::{DebtorId, Language, OrgId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        show_report,
        download_report,
        show_overview,
        show_provision_policy,
        put_provision_policy,
        show_treasury_report,
        show_treasury_mail,
        put_treasury_mail
    ),
    components(schemas(Report, CustomerOverview, ProvisionPolicy, TreasuryMail)),
    tags((name = "insight", description = "Reports on what a creditor is owed, as of any day"))
)]
pub struct Docs;

/// `?on=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// The day at whose end it stands; today unless said.
    pub on: Option<NaiveDate>,
}

async fn drawn(app: &App, creditor: &CreditorMember, report: ReportKind, query: &ReportQuery) -> Result<Report, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let drawn = app.db.transaction(by.scope, async |conn| super::draw(conn, &by, creditor.org, report, query.on).await);
    Ok(drawn.await?)
}

/// A report as of the end of a day: for each currency its figures and a table.
#[utoipa::path(get, path = "/reports/{report}", tag = "insight", params(("report" = ReportKind, Path), ReportQuery),
    responses((status = 200, body = Report), (status = 422, description = "a day to come, or before the year 2000")))]
pub async fn show_report(
    app: Data<App>,
    creditor: CreditorMember,
    report: Path<ReportKind>,
    query: Query<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    resource(StatusCode::OK, &drawn(&app, &creditor, *report, &query.0).await?)
}

/// A report as CSV, one line for each number: UTF-8, semicolons, decimal points.
#[utoipa::path(get, path = "/reports/{report}/table.csv", tag = "insight", params(("report" = ReportKind, Path), ReportQuery),
    responses((status = 200, content_type = "text/csv", body = Vec<u8>), (status = 422, description = "a day to come, or before the year 2000")))]
pub async fn download_report(
    app: Data<App>,
    creditor: CreditorMember,
    report: Path<ReportKind>,
    query: Query<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(csv_file(&drawn(&app, &creditor, *report, &query.0).await?))
}

/// A report to save.
#[must_use]
pub fn csv_file(report: &Report) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{}-{}.csv\"", report.report, report.on)))
        .insert_header(("Cache-Control", "no-store"))
        .body(report.csv())
}

/// The treasury report as a PDF: ageing, DSO, effectiveness, forecast, recovery and provisions as of the end of a day, in your
/// organisation's language.
#[utoipa::path(get, path = "/treasury-report", tag = "insight", params(ReportQuery),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 422, description = "a day to come, or before the year 2000")))]
pub async fn show_treasury_report(
    app: Data<App>,
    creditor: CreditorMember,
    query: Query<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    treasury_file(&app, &creditor.by(app.clock.now()), creditor.org, query.0.on, None).await
}

/// The treasury report to save, in the language of its organisation unless another is said.
///
/// # Errors
/// A day to come, or before reports begin.
pub async fn treasury_file(
    app: &App,
    by: &By,
    creditor: OrgId,
    on: Option<NaiveDate>,
    language: Option<Language>,
) -> Result<HttpResponse, Problem> {
    let drawn = app.db.transaction(by.scope, async |conn| {
        let owner = parties::find_organisation(conn, by, creditor).await?;
        let report = treasury(conn, by, creditor, on).await?;
        Ok::<_, InsightError>(report.sheet(&owner, language.unwrap_or(owner.language)))
    });
    let sheet = drawn.await?;
    let name = format!("treasury-{}.pdf", sheet.on);
    let pdf = tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(Problem::internal)?;
    Ok(pdf_file(&name, pdf.map_err(Problem::internal)?))
}

/// Whether you get the treasury report by mail.
#[utoipa::path(get, path = "/me/treasury-mail", tag = "insight",
    responses((status = 200, body = TreasuryMail), (status = 403, description = "a key is nobody: log in as a person")))]
pub async fn show_treasury_mail(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    let person = creditor.person()?;
    let found = app.db.transaction(creditor.scope(), async |conn| treasury_mails::find(conn, person).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets whether you get the treasury report by mail, at seven in the morning of your organisation's country.
#[utoipa::path(put, path = "/me/treasury-mail", tag = "insight", request_body = TreasuryMail,
    responses((status = 200, body = TreasuryMail), (status = 403, description = "a key is nobody: log in as a person")))]
pub async fn put_treasury_mail(
    app: Data<App>,
    creditor: CreditorMember,
    wanted: Json<TreasuryMail>,
) -> Result<HttpResponse, Problem> {
    let person = creditor.person()?;
    let by = creditor.by(app.clock.now());
    let set = app.db.transaction(by.scope, async |conn| treasury_mails::set(conn, &by, (creditor.org, person), wanted.0).await);
    resource(StatusCode::OK, &set.await?)
}

/// A customer at a glance: what it owes, how it pays, its score and limit, what was promised, objected to and written, and what that
/// suggests. Sites and parent roll up in `group`.
#[utoipa::path(get, path = "/debtors/{id}/overview", tag = "insight", params(("id" = DebtorId, Path)),
    responses((status = 200, body = CustomerOverview), (status = 404, description = "there is none such that you can see")))]
pub async fn show_overview(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    resource(StatusCode::OK, &app.db.transaction(by.scope, async |conn| overview::overview(conn, &by, *id).await).await?)
}

/// What you set aside for receivables that may not be paid; what we propose until you say otherwise.
#[utoipa::path(get, path = "/provision-policy", tag = "insight", responses((status = 200, body = ProvisionPolicy)))]
pub async fn show_provision_policy(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| provisions::find(conn, creditor.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets what you set aside. `If-Match: "v0"` the first time. Reports of any day are drawn with the policy as it is now.
#[utoipa::path(put, path = "/provision-policy", tag = "insight", params(("If-Match" = String, Header)), request_body = ProvisionSetting,
    responses((status = 200, body = ProvisionPolicy), (status = 422, description = "no six shares that rise")))]
pub async fn put_provision_policy(
    app: Data<App>,
    creditor: CreditorMember,
    version: IfMatch,
    setting: Json<ProvisionSetting>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Money)?;
    let by = creditor.by(app.clock.now());
    let written = app.db.transaction(by.scope, async |conn| provisions::set(conn, creditor.org, version.0, setting.0).await);
    resource(StatusCode::OK, &written.await?)
}
