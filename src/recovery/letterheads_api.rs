//! Letterheads over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use utoipa::OpenApi;

use super::{
    letterheads::{self, LetterheadView, NewLetterheadLine},
    work_api::may_lead,
};
use crate::{
    app::App,
    http::{Caller, Json, Problem, envelope::read_body, resource},
    paper::letterhead::LOGO_MAX_BYTES,
    parties::{AnyMember, Permission},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(show_letterhead, put_letterhead, put_letterhead_logo, remove_letterhead_logo),
    components(schemas(LetterheadView))
)]
pub struct Docs;

/// What your letters carry beside your name and address.
#[utoipa::path(get, path = "/letterhead", tag = "recovery", responses((status = 200, body = LetterheadView)))]
pub async fn show_letterhead(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| letterheads::show(conn, &by, member.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets the line at the foot of your letters, as registers of companies want it.
#[utoipa::path(put, path = "/letterhead", tag = "recovery", request_body = NewLetterheadLine, responses((status = 200, body = LetterheadView)))]
pub async fn put_letterhead(app: Data<App>, member: AnyMember, new: Json<NewLetterheadLine>) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    let set = app.db.transaction(by.scope, async |conn| letterheads::set_line(conn, &by, member.org, &new.0).await).await?;
    resource(StatusCode::OK, &set)
}

/// Sets the logo of your letters: PNG or JPEG, at most 100 KiB and 4,000,000 pixels, printed within 58 × 18 mm.
#[utoipa::path(put, path = "/letterhead/logo", tag = "recovery", request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = LetterheadView), (status = 413, description = "too large")))]
pub async fn put_letterhead_logo(app: Data<App>, member: AnyMember, payload: Payload) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let content = read_body(payload.into_inner(), LOGO_MAX_BYTES).await?.to_vec();
    let by = member.by(app.clock.now());
    let set = app.db.transaction(by.scope, async |conn| letterheads::set_logo(conn, &by, member.org, content).await).await?;
    resource(StatusCode::OK, &set)
}

/// Removes the logo of your letters.
#[utoipa::path(delete, path = "/letterhead/logo", tag = "recovery", responses((status = 200, body = LetterheadView)))]
pub async fn remove_letterhead_logo(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    let set = app.db.transaction(by.scope, async |conn| letterheads::remove_logo(conn, &by, member.org).await).await?;
    resource(StatusCode::OK, &set)
}
