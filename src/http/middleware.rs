//! What happens to every response: problems get the request's id, failures of ours are logged once, headers harden it.

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use tracing_actix_web::RequestId;

use super::{
    limits,
    problem::{Code, Problem, respond},
};

const HARDENING: [(&str, &str); 4] = [
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The form to pay by card leads on to Stripe's page, and browsers hold a form's policy against where it leads.
const DEBTOR_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' https://checkout.stripe.com; frame-ancestors 'none'; base-uri 'none'";
const DEBTOR_PAGES: &str = "/d/";
/// The API's interactive description runs its own bundled script and styles itself.
const DOCS_POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
const DOCS: &str = "/api/docs";

/// Turns any error into `application/problem+json` with the request's id.
///
/// # Errors
/// Those of inner middleware: what a handler refuses is a response already.
pub async fn problems(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = std::time::Instant::now();
    if let Err(refusal) = limits::admit(request.request()) {
        let response = tell(&refusal, id_of(request.request()));
        return Ok(finished(ServiceResponse::new(request.into_parts().0, response), started));
    }
    let response = next.call(request).await?;
    let request_id = id_of(response.request());
    let problem = response.response().error().map(problem_of);
    let response = match problem {
        Some(problem) => ServiceResponse::new(response.into_parts().0, tell(&problem, request_id)),
        None => response.map_into_boxed_body(),
    };
    Ok(finished(response, started))
}

fn finished(mut response: ServiceResponse<BoxBody>, started: std::time::Instant) -> ServiceResponse<BoxBody> {
    measure(&response, started);
    harden(&mut response);
    let request = response.request().clone();
    limits::announce(&request, response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id_of(&request)) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

fn harden(response: &mut ServiceResponse<BoxBody>) {
    let policy = match response.request().path() {
        path if path.starts_with(DOCS) => DOCS_POLICY,
        path if path.starts_with(DEBTOR_PAGES) => DEBTOR_POLICY,
        _ => POLICY,
    };
    let headers = response.headers_mut();
    for (name, value) in HARDENING.into_iter().chain([("content-security-policy", policy)]) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

fn measure(response: &ServiceResponse<BoxBody>, started: std::time::Instant) {
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let labels = [("route", route), ("status", response.status().as_u16().to_string())];
    metrics::histogram!("entente_http_seconds", &labels).record(started.elapsed());
}

fn id_of(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

/// Our own problems as they are; what actix refuses by itself, in our words.
#[must_use]
pub fn problem_of(error: &Error) -> Problem {
    if let Some(problem) = error.as_error::<Problem>() {
        return problem.clone();
    }
    let status = error.as_response_error().status_code();
    let code = match status.as_u16() {
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        413 => Code::PayloadTooLarge,
        400..=499 => Code::MalformedRequest,
        _ => return Problem::internal(error),
    };
    Problem::new(code).detail(error.to_string())
}

fn tell(problem: &Problem, request_id: String) -> HttpResponse {
    if let Some(cause) = problem.cause() {
        tracing::error!(%request_id, code = problem.code.as_str(), cause, "a request failed on our side");
    }
    respond(problem, request_id)
}

/// For addresses that nothing answers at.
///
/// # Errors
/// Always: 404.
pub async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::not_found().detail(format!(
        "{} {} leads nowhere; /api/docs lists what there is",
        request.method(),
        request.path()
    )))
}
