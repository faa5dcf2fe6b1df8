//! Opt-outs over HTTP, as the debtor says them to a person.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::opt_outs::{self, NewOptOut, OptOut, Way};
use crate::{
    app::App,
    http::{Caller, Command, Page, Problem, answer, resource},
    parties::{AnyMember, Permission},
    types::CaseId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(list_opt_outs, note_opt_out), components(schemas(OptOut)))]
pub struct Docs;

/// The channels that the present addresses of a case's debtor refuse, wherever that was said.
#[utoipa::path(get, path = "/cases/{case_id}/opt-outs", tag = "recovery", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<OptOut>)))]
pub async fn list_opt_outs(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| opt_outs::list(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// Writes down that the debtor wants no more mails, text messages or calls at the address known. It holds for everybody on the
/// platform who knows that address; letters go on. Only the debtor allows it again, on its page.
#[utoipa::path(post, path = "/cases/{case_id}/opt-outs", tag = "recovery", params(("case_id" = CaseId, Path)), request_body = NewOptOut, responses((status = 201, body = OptOut)))]
pub async fn note_opt_out(
    app: Data<App>,
    member: AnyMember,
    id: Path<CaseId>,
    command: Command<NewOptOut>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        opt_outs::opt_out(conn, by, *id, command.input.channel, Way::Person).await
    })
    .await
}
