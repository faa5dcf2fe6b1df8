//! The debtor's complaint about the agency, behind the same link as the debtor page, without a login and without a script.
//!
//! What may never happen here: a word about a case without its link; a second complaint from a second click; what was typed
//! lost to a mistake in it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Engagement, MarketError,
    complaints::{self, Complainant, ComplaintGround, Evidence, NewComplaint},
    error::TEXT_MAX_CHARS,
    file_complaint, list_engagements,
};
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
    ground: String,
    #[serde(default)]
    statement: String,
}

impl Typed {
    fn read(&self) -> Option<(ComplaintGround, &str)> {
        let statement = self.statement.trim();
        let fits = !statement.is_empty() && statement.chars().count() <= TEXT_MAX_CHARS;
        self.ground.parse().ok().filter(|_| fits).map(|ground| (ground, statement))
    }
}

/// The form, or what became of it.
#[derive(Template)]
#[template(path = "pages/complaint.html")]
struct ComplaintPage {
    frame: Frame,
    texts: &'static Texts,
    agency: String,
    /// Back to the debtor page.
    back: String,
    typed: Typed,
    has_errors: bool,
    received: bool,
}

impl ComplaintPage {
    /// A text of the page with what is known filled in.
    fn say(&self, key: &str) -> String {
        self.texts.fill(&format!("complaint.{key}"), &[("agency", &self.agency)])
    }

    fn grounds(&self) -> Vec<(ComplaintGround, String)> {
        ComplaintGround::ALL
            .iter()
            .map(|ground| (*ground, self.texts.say(&format!("complaint.ground.{ground}")).to_owned()))
            .collect()
    }
}

/// The form.
///
/// # Errors
/// None that depend on the reader: what goes wrong is said on a page.
pub async fn show(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Problem> {
    answer(&app, &request, &token, None).await
}

/// The debtor complains.
///
/// # Errors
/// As [`show`].
pub async fn complain(
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
    // An engagement is not for the eyes of a link; who holds one sees its agency on the page.
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
        Err(MarketError::NotFound(_) | MarketError::TooLongAgo) => pages::not_found(browser_language),
        Err(error) => pages::failed(browser_language, &error.into()),
    }
}

async fn page_of(
    conn: &mut Conn<'_>,
    by: &By,
    case: CaseId,
    (path, asked): (&str, Option<Language>),
    typed: Option<Typed>,
) -> Result<ComplaintPage, MarketError> {
    let debtor = cases::find(conn, by, case).await?.debtor;
    let language = match asked {
        Some(language) => language,
        None => receivables::find_debtor(conn, by, debtor).await?.language,
    };
    let last = list_engagements(conn, by, case).await?.into_iter().next().ok_or(MarketError::NotFound("engagement"))?;
    let agency = parties::find_organisation(conn, by, last.agency).await?.legal_name;
    let received = match typed.as_ref().map(Typed::read) {
        Some(Some(said)) => {
            file(conn, by, &last, said).await?;
            true
        }
        Some(None) | None => false,
    };
    let texts = Texts::of(language);
    let has_errors = typed.is_some() && !received;
    let title = texts.fill("complaint.title", &[("agency", &agency)]);
    let frame = Frame { language, title, path: format!("{path}/complaint") };
    Ok(ComplaintPage { frame, texts, agency, back: path.to_owned(), typed: typed.unwrap_or_default(), has_errors, received })
}

/// A second click finds the first one's complaint.
async fn file(
    conn: &mut Conn<'_>,
    by: &By,
    last: &Engagement,
    (ground, statement): (ComplaintGround, &str),
) -> Result<(), MarketError> {
    if complaints::is_open(conn, last.id, Complainant::Debtor, ground).await? {
        return Ok(());
    }
    let new = NewComplaint { engagement: Some(last.id), ground, statement, evidence: Evidence::default() };
    file_complaint(conn, by, (Complainant::Debtor, last.case), new).await.map(drop)
}
