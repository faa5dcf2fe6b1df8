//! The print queue over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    letters::{self, BundlePosted, Letter, LetterBundle, LetterSetting, LetterSettings, LetterState, NewBundle},
    print_room,
    work_api::may_lead,
};
use crate::{
    app::App,
    http::{AsSystem, Caller, Command, IfMatch, Json, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, Permission},
    types::{DeliveryId, LetterBundleId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        list_letters,
        post_letter,
        return_letter,
        list_letter_bundles,
        bundle_letters,
        show_letter_bundle,
        print_letter_bundle,
        list_letter_addresses,
        post_letter_bundle,
        show_letter_settings,
        put_letter_settings
    ),
    components(schemas(Letter, letters::Recipient, LetterBundle, BundlePosted, LetterSettings))
)]
pub struct Docs;

/// `?state=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LetterFilter {
    pub state: Option<LetterState>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// A day on which something was put in the post.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostingDay {
    /// From the day the letter was made to today.
    pub posted_on: NaiveDate,
}

/// Why a letter came back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnToSender {
    /// What is written on it.
    #[schema(example = "moved away, no forwarding address")]
    pub reason: String,
}

/// Your organisation's own letters, newest first: what is to be printed, was posted, came back, or was withdrawn before it left.
#[utoipa::path(get, path = "/letters", tag = "recovery", params(LetterFilter), responses((status = 200, body = Page<Letter>)))]
pub async fn list_letters(app: Data<App>, member: AnyMember, filter: Query<LetterFilter>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let LetterFilter { state, limit, cursor } = filter.0;
    let (by, cursor) = (member.by(app.clock.now()), PageQuery { limit, cursor }.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| letters::list(conn, &by, member.org, state, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |letter| letter.id.0))
}

/// Says that a letter is in the post. Refused where contact was stopped since it was drawn.
#[utoipa::path(post, path = "/letters/{delivery_id}/posting", tag = "recovery", params(("delivery_id" = DeliveryId, Path)), request_body = PostingDay, responses((status = 200, body = Letter)))]
pub async fn post_letter(
    app: Data<App>,
    member: AnyMember,
    id: Path<DeliveryId>,
    command: Command<PostingDay>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        letters::post(conn, by, member.org, *id, command.input.posted_on).await
    })
    .await
}

/// Says that a letter came back: its address is used no more until it is corrected or checked.
#[utoipa::path(post, path = "/letters/{delivery_id}/return", tag = "recovery", params(("delivery_id" = DeliveryId, Path)), request_body = ReturnToSender, responses((status = 200, body = Letter)))]
pub async fn return_letter(
    app: Data<App>,
    member: AnyMember,
    id: Path<DeliveryId>,
    command: Command<ReturnToSender>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        letters::take_back(conn, by, member.org, *id, &command.input.reason).await
    })
    .await
}

/// Your bundles of letters, newest first.
#[utoipa::path(get, path = "/letter-bundles", tag = "recovery", params(PageQuery), responses((status = 200, body = Page<LetterBundle>)))]
pub async fn list_letter_bundles(app: Data<App>, member: AnyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let (by, cursor) = (member.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| letters::list_bundles(conn, &by, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |bundle| bundle.id.0))
}

/// Puts the letters that are to be printed together: one PDF and a list of addresses.
#[utoipa::path(post, path = "/letter-bundles", tag = "recovery", request_body = NewBundle, responses((status = 201, body = LetterBundle)))]
pub async fn bundle_letters(app: Data<App>, member: AnyMember, command: Command<NewBundle>) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &*member, &command.envelope, StatusCode::CREATED, async |conn, by| {
        letters::make_bundle(conn, by, member.org, &command.input).await
    })
    .await
}

/// A bundle of letters.
#[utoipa::path(get, path = "/letter-bundles/{bundle_id}", tag = "recovery", params(("bundle_id" = LetterBundleId, Path)), responses((status = 200, body = LetterBundle)))]
pub async fn show_letter_bundle(app: Data<App>, member: AnyMember, id: Path<LetterBundleId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| letters::find_bundle(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &found)
}

/// The letters of a bundle as one PDF. Those withdrawn since are not in it.
#[utoipa::path(get, path = "/letter-bundles/{bundle_id}/letters.pdf", tag = "recovery", params(("bundle_id" = LetterBundleId, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn print_letter_bundle(app: Data<App>, member: AnyMember, id: Path<LetterBundleId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    print_room::pdf(&app, &member.by(app.clock.now()), *id).await
}

/// The addresses of a bundle in the order of its PDF, with the pages each letter takes: CSV in UTF-8, separated by semicolons.
#[utoipa::path(get, path = "/letter-bundles/{bundle_id}/addresses.csv", tag = "recovery", params(("bundle_id" = LetterBundleId, Path)), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn list_letter_addresses(app: Data<App>, member: AnyMember, id: Path<LetterBundleId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    print_room::csv(&app, &member.by(app.clock.now()), *id).await
}

/// Says that a bundle is in the post, and tells which of its letters were withdrawn since it was printed: take those out.
#[utoipa::path(post, path = "/letter-bundles/{bundle_id}/posting", tag = "recovery", params(("bundle_id" = LetterBundleId, Path)), request_body = PostingDay, responses((status = 200, body = BundlePosted)))]
pub async fn post_letter_bundle(
    app: Data<App>,
    member: AnyMember,
    id: Path<LetterBundleId>,
    command: Command<PostingDay>,
) -> Result<HttpResponse, Problem> {
    member.may_write_on_cases()?;
    answer(&app, &AsSystem(&*member), &command.envelope, StatusCode::OK, async |conn, by| {
        letters::post_bundle(conn, by, member.org, *id, command.input.posted_on).await
    })
    .await
}

/// When your letters count as sent.
#[utoipa::path(get, path = "/letter-settings", tag = "recovery", responses((status = 200, body = LetterSettings)))]
pub async fn show_letter_settings(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| letters::settings(conn, &by, member.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets when your letters count as sent: when they are made, or when somebody says that they are in the post.
#[utoipa::path(put, path = "/letter-settings", tag = "recovery", params(("If-Match" = String, Header)), request_body = LetterSetting, responses((status = 200, body = LetterSettings)))]
pub async fn put_letter_settings(
    app: Data<App>,
    member: AnyMember,
    version: IfMatch,
    setting: Json<LetterSetting>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    let written =
        app.db.transaction(by.scope, async |conn| letters::set(conn, &by, member.org, version.0, &setting.0).await).await?;
    resource(StatusCode::OK, &written)
}
