//! Logging in and out. Whoever is not let in learns no more than the API tells: that address or password is wrong.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::USER_AGENT},
    web::{Data, Query},
};
use askama::Template;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{Fields, Visitor, cookies, second_factor, threshold::Threshold, visitor::see_other};
use crate::{
    app::App,
    db::Scope,
    http::{Problem, limits::client_address},
    pages,
    paper::{Frame, Texts},
    parties::{
        PartiesError, portal_sessions, second_factor as factors,
        sessions::{self, Account},
        throttle,
    },
    types::{Clock, Language},
};

#[derive(Template)]
#[template(path = "portal/log_in.html")]
struct LogInPage<'a> {
    threshold: &'a Threshold,
    frame: &'a Frame,
    next: &'a str,
    email: &'a str,
    refused: Option<(&'static str, &'static str)>,
}

/// Where to after the log-in.
#[derive(Debug, Deserialize)]
pub struct After {
    #[serde(default)]
    next: String,
}

/// A page of the portals, and nothing that a browser could take for another server.
fn inside(next: &str) -> &str {
    let plain = next.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-'));
    if next.starts_with("/portal/") && plain && !next.contains("//") { next } else { "/portal" }
}

/// The log-in.
///
/// # Errors
/// No randomness.
pub async fn show(
    app: Data<App>,
    request: HttpRequest,
    after: Query<After>,
    visitor: Option<Visitor>,
) -> Result<HttpResponse, Problem> {
    if visitor.is_some() {
        return Ok(see_other(inside(&after.next)));
    }
    page(&app, &request, StatusCode::OK, &after.next, "", None)
}

fn page(
    app: &App,
    request: &HttpRequest,
    status: StatusCode,
    next: &str,
    email: &str,
    refused: Option<(&'static str, &'static str)>,
) -> Result<HttpResponse, Problem> {
    let threshold = Threshold::of(request, "portal.log_in.title", "/portal/log-in".to_owned())?;
    let page = LogInPage { frame: &threshold.frame, threshold: &threshold, next: inside(next), email, refused };
    threshold.show(app, status, &page)
}

/// Opens a session, asks for a code where a second factor is set up, or says calmly that address or password is wrong.
///
/// # Errors
/// A failure of ours.
pub async fn open(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse, Problem> {
    match check(&app, &request, &fields).await {
        Ok((account, false)) => let_in(&app, &request, &account, fields.text("next")).await,
        Ok((account, true)) => {
            let challenge = app.keys.log_in_challenge(account.member.id, Clock::real().now());
            second_factor::ask(&app, &request, StatusCode::OK, &challenge, inside(fields.text("next")))
        }
        Err(refusal) => {
            let texts = Texts::of(pages::language_of(&request, Language::English));
            let Some((status, title, help)) = said_of(&refusal) else { return Err(refusal.into()) };
            let said = (texts.say(title), texts.say(help));
            page(&app, &request, status, fields.text("next"), fields.text("email"), Some(said))
        }
    }
}

/// Opens a session of this browser and leads on.
///
/// # Errors
/// No randomness, or the database fails.
pub async fn let_in(app: &App, request: &HttpRequest, account: &Account, next: &str) -> Result<HttpResponse, Problem> {
    let now = Clock::real().now();
    let browser = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = app.db.transaction(Scope::System, async |conn| portal_sessions::open(conn, account, browser, now).await).await?;
    let mut response = see_other(inside(next));
    response.add_cookie(&cookies::session(app, token.expose_secret().to_owned())).map_err(Problem::internal)?;
    response.add_cookie(&cookies::gone(app, cookies::FORM)).map_err(Problem::internal)?;
    Ok(response)
}

/// What somebody is told who is not let in; none where it is our fault.
const fn said_of(refusal: &PartiesError) -> Option<(StatusCode, &'static str, &'static str)> {
    if matches!(refusal, PartiesError::WrongLogIn) {
        Some((StatusCode::UNAUTHORIZED, "portal.log_in.wrong_title", "portal.log_in.wrong"))
    } else if matches!(refusal, PartiesError::TooManyAttempts { .. }) {
        Some((StatusCode::TOO_MANY_REQUESTS, "portal.fault.too_many", "portal.log_in.too_many"))
    } else if matches!(refusal, PartiesError::Disabled) {
        Some((StatusCode::FORBIDDEN, "portal.log_in.wrong_title", "portal.log_in.closed"))
    } else if matches!(refusal, PartiesError::Suspended) {
        Some((StatusCode::FORBIDDEN, "portal.log_in.wrong_title", "portal.log_in.suspended"))
    } else {
        None
    }
}

/// The account that the password opens, and whether a code is asked for too.
async fn check(app: &App, request: &HttpRequest, fields: &Fields) -> Result<(Account, bool), PartiesError> {
    let now = Clock::real().now();
    let (email, from) = (fields.text("email"), client_address(request));
    let attempt = throttle::LOG_IN.attempt(email, from, now);
    attempt.map_err(|retry_after_seconds| PartiesError::TooManyAttempts { retry_after_seconds })?;
    let account = app.db.transaction(Scope::System, async |conn| sessions::find_account(conn, email).await).await?;
    let account = sessions::check_password(account, fields.secret("password")).await?;
    throttle::LOG_IN.forgive(email, from);
    let member = account.member.id;
    let asked_for = app.db.transaction(Scope::System, async |conn| factors::is_asked_for(conn, member).await).await?;
    Ok((account, asked_for))
}

/// Ends this browser's session.
///
/// # Errors
/// The database fails.
pub async fn close(app: Data<App>, visitor: Visitor, _fields: Fields) -> Result<HttpResponse, Problem> {
    let now = Clock::real().now();
    app.db.transaction(Scope::System, async |conn| portal_sessions::end(conn, visitor.id(), visitor.session, now).await).await?;
    let mut response = see_other("/portal/log-in");
    response.add_cookie(&cookies::gone(&app, cookies::SESSION)).map_err(Problem::internal)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_on_inside_the_portal_alone() {
        assert_eq!(inside("/portal/cases/case_01"), "/portal/cases/case_01");
        for next in [
            "",
            "/",
            "https://evil.example",
            "//evil.example",
            "/portal//evil.example",
            "/portal/\\evil",
            "/portalx",
            "/portal/a?b",
            "/portal/\r\nx",
        ] {
            assert_eq!(inside(next), "/portal", "{next:?}");
        }
    }
}
