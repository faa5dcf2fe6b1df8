//! Answers over HTTP: how mail comes in, and what came in on a case.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use sha2::{Digest, Sha256};
use utoipa::OpenApi;

use super::{
    RecoveryError,
    channels::webhook::is_signed,
    inbound,
    replies::{self, Filed, InboundMessage},
};
use crate::{
    app::App,
    db::{By, Scope},
    http::{Caller, Code, Page, Problem, envelope::read_body, resource},
    parties::{AnyMember, Permission},
    types::CaseId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(take_mail_in, list_case_replies), components(schemas(InboundMessage, Filed)))]
pub struct Docs;

/// Attachments and all.
const MAIL_MAX_BYTES: usize = 10 * 1024 * 1024;

/// For the platform's own mail server: one mail, raw (RFC 5322), signed as Standard Webhooks are. Delivery reports and answers are
/// filed on their case; what a machine wrote is let go. Harmless when repeated.
#[utoipa::path(post, path = "/inbound/mail", tag = "recovery", security(()), request_body(content = Vec<u8>, content_type = "message/rfc822"),
    params(("webhook-id" = String, Header), ("webhook-timestamp" = String, Header), ("webhook-signature" = String, Header)),
    responses((status = 200, body = Filed)))]
pub async fn take_mail_in(app: Data<App>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let raw = read_body(payload.into_inner(), MAIL_MAX_BYTES).await?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let secret = app.settings.mail.inbound_secret.as_ref();
    if !secret.is_some_and(|secret| is_signed(secret, &raw, header)) {
        return Err(Problem::new(Code::Forbidden).detail("this takes a fresh signature of the platform's own mail server"));
    }
    let read = inbound::read(&raw).map_err(|why| Problem::new(Code::MalformedRequest).detail(why))?;
    let by = By::engine(app.clock.now());
    let fingerprint = hex::encode(Sha256::digest(&raw));
    let filed = app.db.transaction(Scope::System, async |conn| replies::file(conn, &by, &read, &fingerprint).await);
    let filed = filed.await?;
    app.jobs_waiting.notify_one();
    resource(StatusCode::OK, &filed)
}

/// What the debtor wrote back, oldest first: a creditor sees all, an agency what came while it held the case.
#[utoipa::path(get, path = "/cases/{case_id}/replies", tag = "recovery", params(("case_id" = CaseId, Path)), responses((status = 200, body = Page<InboundMessage>)))]
pub async fn list_case_replies(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| replies::list(conn, &by, *id).await);
    let data = data.await.map_err(|error: RecoveryError| Problem::from(error))?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}
