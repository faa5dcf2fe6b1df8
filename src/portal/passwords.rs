//! A password that was forgotten, and the first one of whoever was invited: both are set by a link in a mail.
//!
//! What may never happen here: an answer that tells whether an address has an account.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{Fields, threshold::Threshold, visitor::see_other};
use crate::{
    app::App,
    db::Scope,
    http::{Code, Problem, limits::client_address},
    jobs,
    paper::Frame,
    parties::{
        password_links::{self, LinkPurpose, PasswordLink},
        throttle,
    },
    types::Clock,
};

const FORGOTTEN: &str = "/portal/forgotten";
const PASSWORD: &str = "/portal/password";

#[derive(Template)]
#[template(path = "portal/forgotten.html")]
struct ForgottenPage<'a> {
    threshold: &'a Threshold,
    frame: &'a Frame,
    /// The form was sent.
    sent: bool,
    too_many: bool,
}

/// Asks for a mail address.
///
/// # Errors
/// No randomness.
pub async fn forgotten(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    forgotten_page(&app, &request, StatusCode::OK, false)
}

fn forgotten_page(app: &App, request: &HttpRequest, status: StatusCode, sent: bool) -> Result<HttpResponse, Problem> {
    let threshold = Threshold::of(request, "portal.forgotten.title", FORGOTTEN.to_owned())?;
    let too_many = status == StatusCode::TOO_MANY_REQUESTS;
    threshold.show(app, status, &ForgottenPage { frame: &threshold.frame, threshold: &threshold, sent, too_many })
}

/// Has a link mailed to the address, if it is somebody's.
///
/// # Errors
/// The database fails.
pub async fn send_link(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse, Problem> {
    let (email, now) = (fields.text("email"), Clock::real().now());
    if throttle::FORGOTTEN.attempt(email, client_address(&request), now).is_err() {
        return forgotten_page(&app, &request, StatusCode::TOO_MANY_REQUESTS, false);
    }
    // Looked up by the job: an answer takes as long for an address that nobody has.
    let asked = json!({ "email": email.chars().take(320).collect::<String>() });
    let queued =
        app.db.transaction(Scope::System, async |conn| jobs::enqueue(conn, "notices.forgotten", &asked, app.clock.now()).await);
    queued.await.map_err(Problem::from)?;
    app.jobs_waiting.notify_one();
    forgotten_page(&app, &request, StatusCode::OK, true)
}

/// `?link=`
#[derive(Debug, Deserialize)]
pub struct OfLink {
    #[serde(default)]
    link: String,
}

#[derive(Template)]
#[template(path = "portal/password.html")]
struct PasswordPage<'a> {
    threshold: &'a Threshold,
    frame: &'a Frame,
    token: &'a str,
    /// None where it serves no more.
    link: Option<&'a PasswordLink>,
    heading: String,
    lead: String,
    /// Why the password was not taken.
    refused: Option<String>,
}

/// Asks for the new password.
///
/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, request: HttpRequest, of: Query<OfLink>) -> Result<HttpResponse, Problem> {
    let link = find(&app, &of.link).await?;
    let status = if link.is_some() { StatusCode::OK } else { StatusCode::GONE };
    password_page(&app, &request, status, &of.link, link.as_ref(), None)
}

async fn find(app: &App, token: &str) -> Result<Option<PasswordLink>, Problem> {
    let Some(id) = app.keys.password_link(token) else { return Ok(None) };
    let now = Clock::real().now();
    Ok(app.db.transaction(Scope::System, async |conn| password_links::find(conn, id, now).await).await?)
}

fn password_page(
    app: &App,
    request: &HttpRequest,
    status: StatusCode,
    token: &str,
    link: Option<&PasswordLink>,
    refused: Option<String>,
) -> Result<HttpResponse, Problem> {
    let threshold = Threshold::of(request, "portal.password.title", PASSWORD.to_owned())?;
    let welcome = |link: &PasswordLink| threshold.texts.fill("portal.password.welcome", &[("organisation", &link.legal_name)]);
    let page = PasswordPage {
        frame: &threshold.frame,
        threshold: &threshold,
        token,
        link,
        heading: link
            .filter(|link| link.purpose == LinkPurpose::Invitation)
            .map_or_else(|| threshold.frame.title.clone(), welcome),
        lead: link.map_or_else(String::new, |link| threshold.texts.fill("portal.password.lead", &[("email", &link.email)])),
        refused,
    };
    threshold.show(app, status, &page)
}

/// Sets the password; one logs in with it next.
///
/// # Errors
/// The database fails.
pub async fn set(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse, Problem> {
    let token = fields.text("link");
    let Some(link) = find(&app, token).await? else {
        return password_page(&app, &request, StatusCode::GONE, token, None, None);
    };
    let hash = match password_links::new_password(&link, fields.secret("new_password")).await {
        Ok(hash) => hash,
        Err(error) => {
            let (said, problem) = (error.to_string(), Problem::from(error));
            if problem.code != Code::Invalid {
                return Err(problem);
            }
            return password_page(&app, &request, StatusCode::UNPROCESSABLE_ENTITY, token, Some(&link), Some(said));
        }
    };
    let now = Clock::real().now();
    let set = app.db.transaction(Scope::System, async |conn| password_links::set_password(conn, &link, &hash, now).await);
    if set.await? {
        throttle::LOG_IN.forgive(&link.email, client_address(&request));
        return Ok(see_other("/portal/log-in"));
    }
    password_page(&app, &request, StatusCode::GONE, token, None, None)
}
