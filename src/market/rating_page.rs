//! The debtor's word on how an agency treated it, behind the link of the debtor page, once the engagement has ended.
//!
//! What may never happen here: a mark for an engagement that still runs; a second one from a second click; a comment that the
//! agency reads.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{MarketError, error::TEXT_MAX_CHARS, list_engagements, scores};
use crate::{
    app::App,
    cases,
    db::{Actor, By, Conn, Scope},
    http::Problem,
    pages,
    paper::{Frame, Texts},
    parties, receivables,
    types::{CaseId, Language},
};

/// What the debtor chose and typed.
#[derive(Debug, Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    treatment: String,
    #[serde(default)]
    comment: String,
}

impl Typed {
    fn read(&self) -> Option<(i32, Option<&str>)> {
        let comment = Some(self.comment.trim()).filter(|comment| !comment.is_empty());
        let fits = comment.is_none_or(|comment| comment.chars().count() <= TEXT_MAX_CHARS);
        self.treatment.parse().ok().filter(|mark| fits && (1..=5).contains(mark)).map(|mark| (mark, comment))
    }
}

/// The form, or a word of thanks.
#[derive(Template)]
#[template(path = "pages/rating.html")]
struct RatingPage {
    frame: Frame,
    texts: &'static Texts,
    agency: String,
    /// Back to the debtor page.
    back: String,
    typed: Typed,
    has_errors: bool,
    received: bool,
}

impl RatingPage {
    /// A text of the page with what is known filled in.
    fn say(&self, key: &str) -> String {
        self.texts.fill(&format!("rating.{key}"), &[("agency", &self.agency)])
    }

    fn is_chosen(&self, mark: &str) -> bool {
        self.typed.treatment == mark
    }

    /// Best first.
    fn marks(&self) -> Vec<(String, String)> {
        (1..=5).rev().map(|mark| (mark.to_string(), self.say(&format!("mark_{mark}")))).collect()
    }
}

/// The form.
///
/// # Errors
/// None that depend on the reader: what goes wrong is said on a page.
pub async fn show(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Problem> {
    answer(&app, &request, &token, None).await
}

/// The debtor rates how it was treated.
///
/// # Errors
/// As [`show`].
pub async fn rate(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    answer(&app, &request, &token, Some(typed.into_inner())).await
}

async fn answer(app: &App, request: &HttpRequest, token: &str, typed: Option<Typed>) -> Result<HttpResponse, Problem> {
    let browser_language = pages::language_of(request, Language::English);
    let Some(case) = app.keys.debtor_case(token) else { return pages::not_found(browser_language) };
    // An engagement is not for the eyes of a link.
    let by = By { scope: Scope::System, actor: Actor::DEBTOR, at: app.clock.now() };
    let asked = pages::asked_language(request);
    let path = format!("/d/{token}");
    let page = app.db.transaction(by.scope, async |conn| page_of(conn, &by, case, (&path, asked), typed).await).await;
    app.jobs_waiting.notify_one();
    match page {
        Ok(page) => {
            let status = if page.has_errors { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            Ok(pages::html(status, page.render().map_err(Problem::internal)?))
        }
        Err(MarketError::NotFound(_)) => pages::not_found(browser_language),
        Err(error) => pages::failed(browser_language, &error.into()),
    }
}

async fn page_of(
    conn: &mut Conn<'_>,
    by: &By,
    case: CaseId,
    (path, asked): (&str, Option<Language>),
    typed: Option<Typed>,
) -> Result<RatingPage, MarketError> {
    let debtor = cases::find(conn, by, case).await?.debtor;
    let language = match asked {
        Some(language) => language,
        None => receivables::find_debtor(conn, by, debtor).await?.language,
    };
    let ended = list_engagements(conn, by, case).await?.into_iter().find(|engagement| engagement.ended_at.is_some());
    let ended = ended.ok_or(MarketError::NotFound("engagement"))?;
    let agency = parties::find_organisation(conn, by, ended.agency).await?.legal_name;
    let received = match typed.as_ref().map(Typed::read) {
        Some(Some(said)) => {
            scores::rate_as_debtor(conn, by, &ended, said).await?;
            true
        }
        Some(None) | None => false,
    };
    let texts = Texts::of(language);
    let has_errors = typed.is_some() && !received;
    let title = texts.fill("rating.title", &[("agency", &agency)]);
    let frame = Frame { language, title, path: format!("{path}/rating") };
    Ok(RatingPage { frame, texts, agency, back: path.to_owned(), typed: typed.unwrap_or_default(), has_errors, received })
}
