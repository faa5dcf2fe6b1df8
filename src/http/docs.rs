//! `/api/docs/problems`: every code of a refusal, what it means and what to do.

use actix_web::HttpResponse;
use askama::Template;

use super::problem::{Code, Problem};

#[derive(Template)]
#[template(path = "docs/problems.html")]
struct Problems {
    codes: &'static [Code],
}

/// The page.
///
/// # Errors
/// The template fails.
pub async fn problems() -> Result<HttpResponse, Problem> {
    let page = Problems { codes: Code::ALL }.render().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}
