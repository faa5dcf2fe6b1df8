//! The home page, the style sheet, and what stands at addresses that nothing answers at.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header};
use askama::Template;

use super::{html, language_of, not_found, wants_html};
use crate::{
    http::{Problem, middleware},
    paper::{Frame, Texts},
    types::Language,
};

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    frame: Frame,
    texts: &'static Texts,
}

/// What Entente is, and where to go.
///
/// # Errors
/// None that depend on the reader.
pub async fn index(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let language = language_of(&request, Language::English);
    let texts = Texts::of(language);
    let frame = Frame { language, title: texts.say("home.title").to_owned(), path: "/".to_owned() };
    let page = Home { frame, texts }.render().map_err(Problem::internal)?;
    Ok(html(StatusCode::OK, page))
}

/// The one style sheet of all pages.
pub async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../../assets/entente.css"))
}

/// For addresses that nothing answers at: a page for people, a problem for programs.
///
/// # Errors
/// 404 for programs.
pub async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if wants_html(&request) && !request.path().starts_with("/api/") {
        return not_found(language_of(&request, Language::English));
    }
    middleware::nothing_here(request).await
}
