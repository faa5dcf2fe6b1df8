//! Limitation over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::enforcement::{self, Enforceability, NewInterruption};
use crate::{
    app::App,
    http::{Caller, Command, Problem, answer, resource},
    parties::{AnyMember, CreditorMember, Permission},
    types::ReceivableId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(show_enforceability, record_interruption))]
pub struct Docs;

/// Until when a receivable can be enforced, by which article, and what began the time anew.
#[utoipa::path(get, path = "/receivables/{id}/limitation", tag = "receivables", params(("id" = ReceivableId, Path)),
    responses((status = 200, body = Enforceability), (status = 404, description = "there is none such that you can see")))]
pub async fn show_enforceability(app: Data<App>, caller: AnyMember, id: Path<ReceivableId>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let by = caller.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| enforcement::enforceability_of(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &found)
}

/// Records what began the time anew: a lawsuit, a demand that can be proven, an acknowledgement.
#[utoipa::path(post, path = "/receivables/{id}/interruptions", tag = "receivables", params(("id" = ReceivableId, Path)), request_body = NewInterruption,
    responses((status = 201, body = Enforceability), (status = 404, description = "there is none such that you can see"),
        (status = 409, description = "on record already"), (status = 422, description = "before the due day, or to come")))]
pub async fn record_interruption(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<ReceivableId>,
    command: Command<NewInterruption>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        enforcement::interrupt(conn, by, *id, &command.input).await
    })
    .await
}
