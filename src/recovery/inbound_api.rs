//! Answers over HTTP: how mail comes in, and what came in on a case.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Path, Payload},
};
use sha2::{Digest, Sha256};
use utoipa::OpenApi;

use super::{
    RecoveryError,
    channels::{is_signed_by_provider, read_report, webhook::is_signed},
    delivery, inbound,
    inbound_text::IncomingText,
    replies::{self, Filed, InboundMessage},
};
use crate::{
    app::App,
    db::{By, Scope},
    http::{Caller, Code, Page, Problem, envelope::read_body, resource},
    parties::{AnyMember, Permission},
    types::{CaseId, DeliveryId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(take_mail_in, take_text_in, take_text_report, list_case_replies), components(schemas(InboundMessage, Filed)))]
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

/// Forms are short.
const FORM_MAX_BYTES: usize = 64 * 1024;
/// Says to a provider of text messages that there is nothing to answer.
const NO_ANSWER: &str = "<Response/>";

/// The fields of a form, if the provider of text messages signed it.
async fn signed_form(app: &App, request: &HttpRequest, payload: Payload) -> Result<Vec<(String, String)>, Problem> {
    let raw = read_body(payload.into_inner(), FORM_MAX_BYTES).await?;
    let refused =
        || Problem::new(Code::Forbidden).detail("this takes a signature of the platform's own provider of text messages");
    let provider = app.settings.sms.provider.as_ref().ok_or_else(refused)?;
    let text = std::str::from_utf8(&raw).map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string()))?;
    let fields = web::Query::<Vec<(String, String)>>::from_query(text)
        .map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string()))?
        .into_inner();
    let signature = request.headers().get("X-Twilio-Signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let address = format!("{}{}", app.settings.public_url, request.uri());
    if is_signed_by_provider(provider, &address, &fields, signature) { Ok(fields) } else { Err(refused()) }
}

/// For the provider of text messages: one that a debtor sent, as a form with `X-Twilio-Signature`. It is filed on the case of the
/// latest text message to its number, stops what is pending and waits for a reader; `STOP`, `BAJA` or `ARRET` alone ends text
/// messages to the number. Harmless when repeated.
#[utoipa::path(post, path = "/inbound/sms", tag = "recovery", security(()), request_body(content = Vec<u8>, content_type = "application/x-www-form-urlencoded"),
    params(("X-Twilio-Signature" = String, Header)), responses((status = 200, content_type = "text/xml", body = String)))]
pub async fn take_text_in(app: Data<App>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let fields = signed_form(&app, &request, payload).await?;
    let text = IncomingText::read(&fields).map_err(|why| Problem::new(Code::MalformedRequest).detail(why))?;
    let by = By::engine(app.clock.now());
    app.db.transaction(Scope::System, async |conn| replies::file_text(conn, &by, &text).await).await?;
    app.jobs_waiting.notify_one();
    Ok(HttpResponse::Ok().content_type("text/xml").body(NO_ANSWER))
}

/// For the provider of text messages: what became of one, as a form with `X-Twilio-Signature`. Reports may come in any order and
/// more than once.
#[utoipa::path(post, path = "/inbound/sms-reports/{delivery_id}", tag = "recovery", security(()), request_body(content = Vec<u8>, content_type = "application/x-www-form-urlencoded"),
    params(("delivery_id" = DeliveryId, Path), ("X-Twilio-Signature" = String, Header)), responses((status = 204, description = "noted")))]
pub async fn take_text_report(
    app: Data<App>,
    id: Path<DeliveryId>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let fields = signed_form(&app, &request, payload).await?;
    let report = read_report(&fields).map_err(|why| Problem::new(Code::MalformedRequest).detail(why))?;
    let by = By::engine(app.clock.now());
    app.db.transaction(Scope::System, async |conn| delivery::reported(conn, &by, *id, &report).await).await?;
    Ok(HttpResponse::NoContent().finish())
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
