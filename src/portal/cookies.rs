//! The three cookies of the portals: the session, the secret of a form before a log-in, and what was just done.
//!
//! None is sent anywhere but below `/portal`, none is readable by a script, and none holds a word that somebody typed.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use sha2::{Digest, Sha256};

use crate::{app::App, parties::portal_sessions::LONGEST};

pub const SESSION: &str = "entente_session";
/// Ties a log-in form to the browser that asked for it.
pub const FORM: &str = "entente_form";
/// Names a text of the catalogue, shown once on the next page.
pub const FLASH: &str = "entente_flash";

const PATH: &str = "/portal";

fn cookie(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path(PATH)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.settings.public_url.starts_with("https://"))
        .finish()
}

/// The browser keeps it as long as the server would take it.
#[must_use]
pub fn session(app: &App, token: String) -> Cookie<'static> {
    let mut session = cookie(app, SESSION, token);
    session.set_max_age(Duration::seconds(LONGEST.num_seconds()));
    session
}

/// Until the browser is closed.
#[must_use]
pub fn form(app: &App, secret: String) -> Cookie<'static> {
    cookie(app, FORM, secret)
}

#[must_use]
pub fn flash(app: &App, key: &'static str) -> Cookie<'static> {
    cookie(app, FLASH, key.to_owned())
}

/// Makes the browser forget it.
#[must_use]
pub fn gone(app: &App, name: &'static str) -> Cookie<'static> {
    let mut gone = cookie(app, name, String::new());
    gone.make_removal();
    gone
}

/// What a browser shows under `name`.
#[must_use]
pub fn shown(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty())
}

/// What a form must carry to be one of ours: nobody who does not hold the cookie can know it, and it does not tell the cookie.
#[must_use]
pub fn form_token(secret: &str) -> String {
    hex::encode(Sha256::digest(format!("form of {secret}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_token_follows_its_secret_and_does_not_show_it() {
        assert_eq!(form_token("a"), form_token("a"));
        assert_ne!(form_token("a"), form_token("b"));
        assert!(!form_token("secret").contains("secret"));
    }
}
