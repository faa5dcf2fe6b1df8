//! Whatever a portal refuses becomes a page: to the log-in for who is not known, a calm sentence and a way on for the rest.

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
};
use askama::Template;

use super::{
    fields::Refused,
    shell::{FaultPage, Shell, fault_title},
    visitor::{Visitor, see_other},
};
use crate::{
    http::{Code, Problem, middleware::problem_of},
    pages,
    paper::Texts,
    types::Language,
};

/// Turns what handlers and extractors refuse into pages.
///
/// # Errors
/// Those of inner middleware.
pub async fn as_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let Some(problem) = response.response().error().map(problem_of) else { return Ok(response.map_into_boxed_body()) };
    let (request, _) = response.into_parts();
    let page = page_of(&request, &problem).unwrap_or_else(|failure| failure_of(&request, &failure));
    Ok(ServiceResponse::new(request, page))
}

fn page_of(request: &HttpRequest, problem: &Problem) -> Result<HttpResponse, Problem> {
    if problem.code == Code::Unauthenticated {
        return Ok(see_other(&log_in_for(request)));
    }
    if let Some(cause) = problem.cause() {
        tracing::error!(code = problem.code.as_str(), cause, path = request.path(), "a portal page failed on our side");
    }
    let visitor = request.extensions().get::<Visitor>().cloned();
    let Some(visitor) = visitor else {
        let language = pages::language_of(request, Language::English);
        return pages::refused(language, problem.code.status(), fault_title(Texts::of(language), problem.code));
    };
    let texts = Texts::of(visitor.member.language);
    let shell = Shell::of(&visitor, fault_title(texts, problem.code).to_owned(), Refused::nothing());
    let status = problem.code.status();
    let (detail, advice) = if matches!(problem.code, Code::NotFound | Code::MethodNotAllowed) {
        (None, "portal.fault.not_found_help")
    } else if matches!(problem.code, Code::Internal | Code::Unavailable) {
        (None, "error.failed_text")
    } else {
        (Some(problem.body(String::new()).detail), "portal.fault.help")
    };
    let page = FaultPage { shell: &shell, detail, advice: texts.say(advice) };
    Ok(pages::html(status, page.render().map_err(Problem::internal)?))
}

/// Back to the page after the log-in, if it is one that can be asked for.
fn log_in_for(request: &HttpRequest) -> String {
    if request.method() != Method::GET || request.path() == "/portal" {
        return "/portal/log-in".to_owned();
    }
    format!("/portal/log-in?next={}", request.path())
}

fn failure_of(request: &HttpRequest, failure: &Problem) -> HttpResponse {
    pages::failed(pages::language_of(request, Language::English), failure)
        .unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}
