//! Pages in front of the log-in: what stands around them, and the cookie by which their forms are known to be ours.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use super::cookies::{self, form_token};
use crate::{
    app::App,
    http::Problem,
    keys::random_token,
    pages,
    paper::{Frame, Texts},
    types::Language,
};

const FORM_SECRET_BYTES: usize = 18;

/// What such a page is made of.
pub struct Threshold {
    pub frame: Frame,
    pub texts: &'static Texts,
    pub form_token: String,
    secret: String,
}

impl Threshold {
    /// For the page at `path` whose title is the text under `title`.
    ///
    /// # Errors
    /// No randomness.
    pub fn of(request: &HttpRequest, title: &str, path: String) -> Result<Self, Problem> {
        let language = pages::language_of(request, Language::English);
        let texts = Texts::of(language);
        let secret = cookies::shown(request, cookies::FORM)
            .map_or_else(|| random_token(FORM_SECRET_BYTES).map_err(Problem::internal), Ok)?;
        let frame = Frame { language, title: texts.say(title).to_owned(), path };
        Ok(Self { frame, texts, form_token: form_token(&secret), secret })
    }

    /// # Errors
    /// The template fails.
    pub fn show(&self, app: &App, status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
        let mut response = pages::html(status, page.render().map_err(Problem::internal)?);
        response.add_cookie(&cookies::form(app, self.secret.clone())).map_err(Problem::internal)?;
        Ok(response)
    }
}
