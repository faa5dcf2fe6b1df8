//! Licences and insurances over JSON: submitted by agencies, decided on by the operator.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    http::{Command, Page, PageQuery, Problem, Query, answer, resource},
    parties::{
        AgencyMember, OperatorMember, Permission,
        credentials::{self, Credential, CredentialDecision, CredentialOfAgency, NewCredential},
        vetting::CredentialStatus,
    },
    types::CredentialId,
};

/// `?status=&limit=&cursor=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CredentialQuery {
    pub status: Option<CredentialStatus>,
    /// Rows wanted, 1 to 200 (50 unless said).
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Your agency's licences and insurances, newest first.
#[utoipa::path(get, path = "/agency/credentials", tag = "parties", params(PageQuery), responses((status = 200, body = Page<Credential>)))]
pub async fn list_own_credentials(
    app: Data<App>,
    caller: AgencyMember,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let cursor = query.0.cursor()?;
    let page = app.db.transaction(caller.scope(), async |conn| credentials::list(conn, caller.org, &cursor).await).await?;
    resource(StatusCode::OK, &page)
}

/// Submits a licence or an insurance. It counts once the operator has vetted it.
#[utoipa::path(post, path = "/agency/credentials", tag = "parties", request_body = NewCredential, responses(
    (status = 201, body = Credential), (status = 422, description = "it has expired, or ends before it begins")))]
pub async fn submit_credential(
    app: Data<App>,
    caller: AgencyMember,
    command: Command<NewCredential>,
) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    answer(&app, &caller, &command.envelope, StatusCode::CREATED, async |conn, by| {
        credentials::submit(conn, by, caller.org, &command.input).await
    })
    .await
}

/// Licences and insurances of all agencies, newest first: what awaits a decision with `status=submitted`.
#[utoipa::path(get, path = "/operator/credentials", tag = "operator", params(CredentialQuery),
    responses((status = 200, body = Page<CredentialOfAgency>)))]
pub async fn list_credentials(
    app: Data<App>,
    caller: OperatorMember,
    query: Query<CredentialQuery>,
) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let CredentialQuery { status, limit, cursor } = query.0;
    let cursor = PageQuery { limit, cursor }.cursor()?;
    let page = app.db.transaction(caller.scope(), async |conn| credentials::list_all(conn, status, &cursor).await).await?;
    resource(StatusCode::OK, &page)
}

/// Vets or rejects a licence or an insurance. A vetted one can be rejected later; a rejection is final.
#[utoipa::path(post, path = "/operator/credentials/{id}/decision", tag = "operator", params(("id" = CredentialId, Path)),
    request_body = CredentialDecision, responses((status = 200, body = Credential), (status = 404), (status = 409, description = "it was rejected"),
    (status = 422, description = "a rejection without a note")))]
pub async fn decide_credential(
    app: Data<App>,
    caller: OperatorMember,
    id: Path<CredentialId>,
    command: Command<CredentialDecision>,
) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Vet)?;
    answer(&app, &caller, &command.envelope, StatusCode::OK, async |conn, by| {
        credentials::decide(conn, by, *id, &command.input).await
    })
    .await
}
