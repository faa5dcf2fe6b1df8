//! Own words over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::{
    approvals::Words,
    wordings::{self, MessageWording, NewWording, Tried, WordingKey, WordingTrial},
    work_api::may_lead,
};
use crate::{
    app::App,
    db::By,
    http::{Caller, Json, Page, Problem, pdf_file, resource},
    parties::{AnyMember, Permission},
    types::OrgId,
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list_wordings, show_wording, put_wording, withdraw_wording, preview_wording),
    components(schemas(MessageWording))
)]
pub struct Docs;

/// What every message to a debtor says in every language and tone: your own words where you wrote some, else those that ship.
#[utoipa::path(get, path = "/wordings", tag = "recovery", responses((status = 200, body = Page<MessageWording>)))]
pub async fn list_wordings(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| wordings::list(conn, &by, member.org).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// What one message says.
#[utoipa::path(get, path = "/wordings/{template}/{language}/{tone}", tag = "recovery", params(WordingKey), responses((status = 200, body = MessageWording)))]
pub async fn show_wording(app: Data<App>, member: AnyMember, key: Path<WordingKey>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| wordings::find(conn, &by, member.org, *key).await).await?;
    resource(StatusCode::OK, &found)
}

/// Sets your own words for what leaves from now on. Refused, with each fault at its field: unknown places, links, addresses and
/// accounts, words that threaten, words that press in a tone that does not, and what the message has to name and does not. Who
/// writes and for whom, the claim, how to pay and how to object stand around them and stay.
#[utoipa::path(put, path = "/wordings/{template}/{language}/{tone}", tag = "recovery", params(WordingKey), request_body = NewWording, responses((status = 200, body = MessageWording)))]
pub async fn put_wording(
    app: Data<App>,
    member: AnyMember,
    key: Path<WordingKey>,
    new: Json<NewWording>,
) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    let written = app.db.transaction(by.scope, async |conn| wordings::write(conn, &by, member.org, *key, &new.0).await).await?;
    resource(StatusCode::OK, &written)
}

/// Goes back to the words that ship.
#[utoipa::path(delete, path = "/wordings/{template}/{language}/{tone}", tag = "recovery", params(WordingKey), responses((status = 204, description = "withdrawn")))]
pub async fn withdraw_wording(app: Data<App>, member: AnyMember, key: Path<WordingKey>) -> Result<HttpResponse, Problem> {
    may_lead(&member)?;
    let by = member.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| wordings::withdraw(conn, &by, member.org, *key).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shows words, kept or not, in a case that you pursue, as its debtor would read them today: a mail or a text message as JSON, a
/// letter as PDF. Nothing is kept and nothing is sent.
#[utoipa::path(post, path = "/wordings/{template}/{language}/{tone}/preview", tag = "recovery", params(WordingKey), request_body = WordingTrial,
    responses((status = 200, content((Words = "application/json"), (Vec<u8> = "application/pdf")))))]
pub async fn preview_wording(
    app: Data<App>,
    member: AnyMember,
    key: Path<WordingKey>,
    trial: Json<WordingTrial>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    match tried(&app, &member.by(app.clock.now()), member.org, *key, &trial.0).await? {
        Tried::Words(words) => resource(StatusCode::OK, &words),
        Tried::Letter(sheet) => {
            let pdf = tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(Problem::internal)?;
            Ok(pdf_file("preview.pdf", pdf.map_err(Problem::internal)?))
        }
    }
}

async fn tried(app: &App, by: &By, org: OrgId, key: WordingKey, trial: &WordingTrial) -> Result<Tried, Problem> {
    Ok(app.db.transaction(by.scope, async |conn| wordings::preview(app, conn, by, org, key, trial).await).await?)
}
