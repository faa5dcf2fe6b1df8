//! What all HTML pages share: the reader's language, how a page is sent, and calm pages for what goes wrong. Knows no slice.
//!
//! No page carries a script or a style of its own: the content security policy forbids both.

mod home;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;

pub use home::{index, nothing_here, stylesheet};

use crate::{
    http::Problem,
    paper::{Frame, Texts},
    types::Language,
};

/// `?lang=`
#[must_use]
pub fn asked_language(request: &HttpRequest) -> Option<Language> {
    request.query_string().split('&').find_map(|pair| pair.strip_prefix("lang=")?.parse().ok())
}

/// `?lang=`, else what the browser prefers, else `otherwise`.
#[must_use]
pub fn language_of(request: &HttpRequest, otherwise: Language) -> Language {
    let asked = asked_language(request);
    let preferred = || request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Language::negotiate);
    asked.or_else(preferred).unwrap_or(otherwise)
}

/// Whether the client is somebody before a browser.
#[must_use]
pub fn wants_html(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// A page. Nothing on the way keeps it: it may say what somebody owes.
#[must_use]
pub fn html(status: StatusCode, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage {
    frame: Frame,
    paragraphs: Vec<&'static str>,
}

/// An address that leads nowhere, said calmly: most who see it copied a link badly.
///
/// # Errors
/// None that depend on the reader.
pub fn not_found(language: Language) -> Result<HttpResponse, Problem> {
    error_page(StatusCode::NOT_FOUND, language, "error.not_found_title", &["error.not_found_text", "error.not_found_help"])
}

/// A failure of ours. The cause is for the log; the reader learns that nothing was lost.
///
/// # Errors
/// None that depend on the reader.
pub fn failed(language: Language, cause: &Problem) -> Result<HttpResponse, Problem> {
    tracing::error!(code = cause.code.as_str(), cause = cause.cause(), "a page failed on our side");
    error_page(cause.code.status(), language, "error.failed_title", &["error.failed_text"])
}

/// Somebody that we depend on does not answer: the reader learns that nothing happened, and what to do.
///
/// # Errors
/// None that depend on the reader.
pub fn away(language: Language, title: &str, text: &'static str) -> Result<HttpResponse, Problem> {
    error_page(StatusCode::SERVICE_UNAVAILABLE, language, title, &[text])
}

/// What somebody who is not logged in may not do, by its title.
///
/// # Errors
/// None that depend on the reader.
pub fn refused(language: Language, status: StatusCode, title: &str) -> Result<HttpResponse, Problem> {
    error_page(status, language, title, &["portal.fault.help"])
}

fn error_page(status: StatusCode, language: Language, title: &str, paragraphs: &[&'static str]) -> Result<HttpResponse, Problem> {
    let texts = Texts::of(language);
    // The language links of a page that is not there lead to the home page.
    let frame = Frame { language, title: texts.say(title).to_owned(), path: "/".to_owned() };
    let page = ErrorPage { frame, paragraphs: paragraphs.iter().map(|key| texts.say(key)).collect() };
    Ok(html(status, page.render().map_err(Problem::internal)?))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_address_decides_the_language_before_the_browser() {
        let request = |uri: &str, accepted: &str| {
            TestRequest::with_uri(uri).insert_header((header::ACCEPT_LANGUAGE, accepted)).to_http_request()
        };
        assert_eq!(language_of(&request("/d/x?lang=fr", "es"), Language::English), Language::French);
        assert_eq!(language_of(&request("/d/x?a=1&lang=es", "fr"), Language::English), Language::Spanish);
        assert_eq!(language_of(&request("/d/x?lang=xx", "fr-FR,en;q=0.5"), Language::English), Language::French);
        assert_eq!(language_of(&request("/d/x", "ja"), Language::Spanish), Language::Spanish);
    }
}
