//! One's own account: language, password, and the browsers one is logged in with.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use uuid::Uuid;

use super::{Fields, Refused, Shell, Visitor};
use crate::{
    app::App,
    db::Scope,
    http::Problem,
    parties::{
        PartiesError,
        portal_sessions::{self, Device},
        sessions,
    },
    types::{Clock, Language},
};

const HERE: &str = "/portal/account";

#[derive(Template)]
#[template(path = "portal/account.html")]
struct AccountPage<'a> {
    shell: &'a Shell,
    email: &'a str,
    role: &'a str,
    devices: Vec<Device>,
    session: Uuid,
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    let now = Clock::real().now();
    let devices =
        app.db.transaction(Scope::System, async |conn| portal_sessions::list_devices(conn, visitor.id(), now).await).await?;
    let shell = visitor.shell("portal.account.title", refused);
    let (email, role) = (visitor.member.email.as_str(), visitor.member.role.as_str());
    visitor.show(&shell, &AccountPage { shell: &shell, email, role, devices, session: visitor.session })
}

/// Changes the language of one's own pages.
///
/// # Errors
/// The database fails.
pub async fn set_language(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    let language: Language = fields.parse("language")?;
    app.db.transaction(Scope::System, async |conn| portal_sessions::set_language(conn, visitor.id(), language).await).await?;
    visitor.done(HERE, "language_set")
}

/// Changes one's password, and logs out everywhere else.
///
/// # Errors
/// What is not the form's fault.
pub async fn set_password(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    match change_password(&app, &visitor, &fields).await {
        Ok(()) => visitor.done(HERE, "password_set"),
        Err(problem) => page(&app, &visitor, fields.refused(problem)?).await,
    }
}

async fn change_password(app: &App, visitor: &Visitor, fields: &Fields) -> Result<(), Problem> {
    let now = Clock::real().now();
    let email = &visitor.member.email;
    let account = app.db.transaction(Scope::System, async |conn| sessions::find_account(conn, email).await).await?;
    let account = match sessions::check_password(account, fields.secret("password")).await {
        Err(PartiesError::WrongLogIn) => return Err(Problem::invalid("/password", "this is not your present password")),
        checked => checked?,
    };
    let hash = portal_sessions::new_password(&account, fields.secret("new_password")).await?;
    app.db
        .transaction(Scope::System, async |conn| {
            portal_sessions::change_password(conn, account, &hash, visitor.session, now).await
        })
        .await?;
    Ok(())
}

/// Logs one of one's own browsers out.
///
/// # Errors
/// The database fails.
pub async fn end_device(app: Data<App>, visitor: Visitor, id: Path<Uuid>, _fields: Fields) -> Result<HttpResponse, Problem> {
    let now = Clock::real().now();
    app.db.transaction(Scope::System, async |conn| portal_sessions::end(conn, visitor.id(), *id, now).await).await?;
    visitor.done(HERE, "device_ended")
}
