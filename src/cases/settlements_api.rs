//! Settlements over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::settlements::{self, Proposal, Proposer, Settlement, SettlementAnswer, SettlementPolicy, SettlementPolicySetting};
use crate::{
    app::App,
    http::{Caller, Command, IfMatch, Json, Page, Problem, answer, resource},
    parties::{AnyMember, CreditorMember, Permission},
    types::{CaseId, Money, SettlementId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(show_settlement_policy, put_settlement_policy, list_case_settlements, propose_settlement, answer_settlement),
    components(schemas(SettlementPolicy, Settlement))
)]
pub struct Docs;

/// What may be agreed in your name without asking you.
#[utoipa::path(get, path = "/settlement-policy", tag = "cases", responses((status = 200, body = SettlementPolicy)))]
pub async fn show_settlement_policy(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| settlements::settlement_policy(conn, creditor.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets what may be agreed in your name without asking you. What is proposed or agreed stays as it was.
#[utoipa::path(put, path = "/settlement-policy", tag = "cases", params(("If-Match" = String, Header)), request_body = SettlementPolicySetting, responses((status = 200, body = SettlementPolicy)))]
pub async fn put_settlement_policy(
    app: Data<App>,
    creditor: CreditorMember,
    version: IfMatch,
    setting: Json<SettlementPolicySetting>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let written = app
        .db
        .transaction(by.scope, async |conn| settlements::set_settlement_policy(conn, creditor.org, version.0, setting.0).await);
    resource(StatusCode::OK, &written.await?)
}

/// The settlements of a case, oldest first.
#[utoipa::path(get, path = "/cases/{case_id}/settlements", tag = "cases", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<Settlement>)))]
pub async fn list_case_settlements(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| {
        super::find(conn, &by, *id).await?;
        settlements::list_settlements(conn, *id).await
    });
    resource(StatusCode::OK, &Page { data: found.await?, next_cursor: None })
}

/// A settlement as it is proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSettlement {
    /// `creditor`: you offer it. `debtor`: they asked you for it.
    #[serde(default = "creditor")]
    pub proposed_by: Proposer,
    /// Enough, where it is paid by `pay_by`.
    pub amount: Money,
    /// The last day of payment.
    pub pay_by: chrono::NaiveDate,
}

const fn creditor() -> Proposer {
    Proposer::Creditor
}

/// Offers to be content with less where it is paid by a day, or writes down that the debtor asks for it. What the debtor asks for
/// is agreed at once from the creditor's floor on; below it the creditor answers. An offer binds until it expires.
#[utoipa::path(post, path = "/cases/{case_id}/settlements", tag = "cases", params(("case_id" = CaseId, Path)), request_body = NewSettlement, responses((status = 201, body = Settlement)))]
pub async fn propose_settlement(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<NewSettlement>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let NewSettlement { proposed_by, amount, pay_by } = command.input;
    let proposal = Proposal { amount, pay_by };
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| match proposed_by {
        Proposer::Creditor => settlements::offer(conn, by, *id, proposal).await,
        Proposer::Debtor => settlements::ask(conn, by, *id, proposal).await,
    })
    .await
}

/// What the side that was asked says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaidToSettlement {
    pub answer: SettlementAnswer,
}

/// Accepts or declines: to an offer what the debtor said, to a debtor's request what the creditor says. Accepted, contact rests
/// until the day has passed; paid by then nothing more is owed, else the whole claim stands.
#[utoipa::path(post, path = "/settlements/{settlement_id}/answer", tag = "cases", params(("settlement_id" = SettlementId, Path)), request_body = SaidToSettlement, responses((status = 200, body = Settlement)))]
pub async fn answer_settlement(
    app: Data<App>,
    member: AnyMember,
    id: Path<SettlementId>,
    command: Command<SaidToSettlement>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    let said = command.input.answer;
    answer(&app, &*member, &command.envelope, StatusCode::OK, async |conn, by| settlements::answer(conn, by, *id, said).await)
        .await
}
