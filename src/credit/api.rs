//! Scores and limits over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::{
    CreditLimit, LimitSetting, Score, limits,
    scoring::{self, PastScore},
};
use crate::{
    app::App,
    http::{Caller, IfMatch, Json, Page, Problem, resource},
    parties::{CreditorMember, Permission},
    types::DebtorId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(show_score, list_past_scores, show_credit_limit, put_credit_limit),
    components(schemas(Score, PastScore, CreditLimit)),
    tags((name = "credit", description = "How likely a customer is to pay, and how much it may owe"))
)]
pub struct Docs;

/// How many past scores are told.
const PAST_MAX: i64 = 100;

/// How likely a customer is to pay within 30, 60 and 90 days of the due day, reckoned now from what it did towards you, and why.
#[utoipa::path(get, path = "/debtors/{id}/score", tag = "credit", params(("id" = DebtorId, Path)),
    responses((status = 200, body = Score), (status = 404, description = "there is none such that you can see")))]
pub async fn show_score(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    resource(StatusCode::OK, &app.db.transaction(by.scope, async |conn| scoring::score_of(conn, &by, *id).await).await?)
}

/// The scores of a customer as they were each time that something changed them, the latest first; the last 100.
#[utoipa::path(get, path = "/debtors/{id}/scores", tag = "credit", params(("id" = DebtorId, Path)),
    responses((status = 200, body = Page<PastScore>), (status = 404, description = "there is none such that you can see")))]
pub async fn list_past_scores(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| {
        crate::receivables::find_debtor(conn, &by, *id).await?;
        scoring::past_scores(conn, *id, PAST_MAX).await
    });
    resource(StatusCode::OK, &Page { data: found.await?, next_cursor: None })
}

/// How much a customer may owe.
#[utoipa::path(get, path = "/debtors/{id}/credit-limit", tag = "credit", params(("id" = DebtorId, Path)),
    responses((status = 200, body = CreditLimit), (status = 404, description = "there is none such that you can see")))]
pub async fn show_credit_limit(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    resource(StatusCode::OK, &app.db.transaction(by.scope, async |conn| limits::find(conn, &by, *id).await).await?)
}

/// Sets how much a customer may owe. `If-Match: "v0"` the first time.
#[utoipa::path(put, path = "/debtors/{id}/credit-limit", tag = "credit", params(("id" = DebtorId, Path), ("If-Match" = String, Header)),
    request_body = LimitSetting, responses((status = 200, body = CreditLimit), (status = 404, description = "there is none such that you can see")))]
pub async fn put_credit_limit(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<DebtorId>,
    version: IfMatch,
    setting: Json<LimitSetting>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let written = app.db.transaction(by.scope, async |conn| limits::set(conn, &by, *id, version.0, setting.0).await);
    resource(StatusCode::OK, &written.await?)
}
