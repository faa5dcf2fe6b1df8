//! The second factor of one's own account: set up, confirmed by a first code, taken away; and the page after the log-in that asks
//! for a code.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor, log_in, threshold::Threshold, visitor::see_other};
use crate::{
    app::App,
    db::Scope,
    http::{Problem, limits::client_address},
    paper::{Frame, qr::address_svg},
    parties::{
        PartiesError,
        second_factor::{self, Enrolment},
        sessions, throttle,
    },
    types::Clock,
};

const HERE: &str = "/portal/account/second-factor";

#[derive(Template)]
#[template(path = "portal/second_factor.html")]
struct FactorPage<'a> {
    shell: &'a Shell,
    asked_for: bool,
    enrolment: Option<(Enrolment, String)>,
    /// Shown once, after the first code.
    recovery_codes: Vec<String>,
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing(), Vec::new()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused, recovery_codes: Vec<String>) -> Result<HttpResponse, Problem> {
    let (asked_for, enrolment) = app
        .db
        .transaction(Scope::System, async |conn| {
            let asked_for = second_factor::is_asked_for(conn, visitor.id()).await?;
            let whose = (visitor.id(), visitor.member.email.as_str());
            Ok::<_, PartiesError>((asked_for, second_factor::enrolment(conn, &app.keys, whose).await?))
        })
        .await?;
    let drawn = |enrolment: Enrolment| address_svg(&enrolment.url).map(|svg| (enrolment, svg)).map_err(Problem::internal);
    let enrolment = enrolment.map(drawn).transpose()?;
    let shell = visitor.shell("portal.factor.title", refused);
    visitor.show(&shell, &FactorPage { shell: &shell, asked_for, enrolment, recovery_codes })
}

/// Begins to set it up.
///
/// # Errors
/// The database fails.
pub async fn begin(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    let now = Clock::real().now();
    let begun = app.db.transaction(Scope::System, async |conn| second_factor::begin(conn, visitor.id(), now).await).await;
    match begun {
        Ok(()) => Ok(see_other(HERE)),
        Err(error) => page(&app, &visitor, fields.refused(error.into())?, Vec::new()).await,
    }
}

/// The first code; shows the recovery codes.
///
/// # Errors
/// The database fails.
pub async fn confirm(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    let (now, code) = (Clock::real().now(), fields.text("code"));
    let whose = (visitor.id(), visitor.member.email.as_str());
    let confirmed =
        app.db.transaction(Scope::System, async |conn| second_factor::confirm(conn, &app.keys, whose, code, now).await).await;
    match confirmed {
        Ok(codes) => page(&app, &visitor, Refused::nothing(), codes).await,
        Err(error) => page(&app, &visitor, fields.refused(error.into())?, Vec::new()).await,
    }
}

/// Takes it away.
///
/// # Errors
/// The database fails.
pub async fn remove(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    let (now, code) = (Clock::real().now(), fields.text("code"));
    let whose = (visitor.id(), visitor.member.email.as_str());
    let removed =
        app.db.transaction(Scope::System, async |conn| second_factor::remove(conn, &app.keys, whose, code, now).await).await;
    match removed {
        Ok(()) => visitor.done("/portal/account", "factor_removed"),
        Err(error) => page(&app, &visitor, fields.refused(error.into())?, Vec::new()).await,
    }
}

#[derive(Template)]
#[template(path = "portal/code.html")]
struct CodePage<'a> {
    threshold: &'a Threshold,
    frame: &'a Frame,
    challenge: &'a str,
    next: &'a str,
    wrong: bool,
    too_many: bool,
}

/// Asks whoever gave the right password for a code.
///
/// # Errors
/// No randomness.
pub fn ask(app: &App, request: &HttpRequest, status: StatusCode, challenge: &str, next: &str) -> Result<HttpResponse, Problem> {
    let threshold = Threshold::of(request, "portal.factor.ask", "/portal/log-in".to_owned())?;
    let (wrong, too_many) = (status == StatusCode::UNAUTHORIZED, status == StatusCode::TOO_MANY_REQUESTS);
    let page = CodePage { frame: &threshold.frame, threshold: &threshold, challenge, next, wrong, too_many };
    threshold.show(app, status, &page)
}

/// Opens the session, if the code is right.
///
/// # Errors
/// The database fails.
pub async fn answer(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse, Problem> {
    let now = Clock::real().now();
    let (challenge, next) = (fields.text("challenge"), fields.text("next"));
    let Some(member) = app.keys.challenged(challenge, now) else { return Ok(see_other("/portal/log-in")) };
    let (who, from) = (format!("code of {member}"), client_address(&request));
    if throttle::LOG_IN.attempt(&who, from, now).is_err() {
        return ask(&app, &request, StatusCode::TOO_MANY_REQUESTS, challenge, next);
    }
    let passed = app
        .db
        .transaction(Scope::System, async |conn| {
            let Some(account) = sessions::find_account_of(conn, member).await? else { return Ok(None) };
            let whose = (member, account.member.email.as_str());
            let passes = second_factor::passes(conn, &app.keys, whose, fields.text("code"), now).await?;
            Ok::<_, PartiesError>(passes.then_some(account))
        })
        .await?;
    let Some(account) = passed else { return ask(&app, &request, StatusCode::UNAUTHORIZED, challenge, next) };
    throttle::LOG_IN.forgive(&who, from);
    log_in::let_in(&app, &request, &account, next).await
}
