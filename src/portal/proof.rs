//! Shows again who one is, before money moves: the password, with a code where a second factor is set up.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{Fields, Refused, Shell, Visitor, visitor::see_other};
use crate::{
    app::App,
    db::Scope,
    http::{Problem, Query, limits::client_address},
    parties::{
        api::proof::{Proof, Within, prove},
        second_factor,
    },
    payments,
    types::PaymentId,
};

const HERE: &str = "/portal/proof";

#[derive(Template)]
#[template(path = "portal/proof.html")]
struct ProofPage<'a> {
    shell: &'a Shell,
    next: &'a str,
    asks_for_code: bool,
}

/// `?next=`: where it was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    next: String,
}

/// Where to go when confirming a payment takes a proof that was not shown lately; none where it may be confirmed.
///
/// # Errors
/// The payment is not visible.
pub async fn asked_for(app: &App, visitor: &Visitor, payment: PaymentId, next: &str) -> Result<Option<HttpResponse>, Problem> {
    if visitor.must_be_proven().is_ok() {
        return Ok(None);
    }
    let by = visitor.by_now();
    let amount = app.db.transaction(by.scope, async |conn| payments::find(conn, &by, payment).await).await?.amount;
    let is_large = amount.minor >= app.settings.platform.large_payment_minor;
    Ok(is_large.then(|| ask(next)))
}

/// To where it is shown; then back to `next`.
#[must_use]
pub fn ask(next: &str) -> HttpResponse {
    see_other(&format!("{HERE}?next={next}"))
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, &asked.next, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, next: &str, refused: Refused) -> Result<HttpResponse, Problem> {
    let asks = app.db.transaction(Scope::System, async |conn| second_factor::is_asked_for(conn, visitor.id()).await);
    let shell = visitor.shell("portal.proof.title", refused);
    visitor.show(&shell, &ProofPage { shell: &shell, next: within(next), asks_for_code: asks.await? })
}

/// A page of ours, and nothing else.
fn within(next: &str) -> &str {
    let plain = next.chars().all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c));
    if plain && (next == "/portal" || next.starts_with("/portal/")) { next } else { "/portal" }
}

/// Shows it; then back, to do what was meant.
///
/// # Errors
/// What is not the form's fault.
pub async fn give(app: Data<App>, request: HttpRequest, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    let shown = Proof { password: fields.secret("password"), code: fields.optional("code").map(str::to_owned) };
    let next = within(fields.text("next")).to_owned();
    match prove(&app, visitor.id(), client_address(&request), shown, Within::Browser(visitor.session)).await {
        Ok(_) => visitor.done(&next, "proven"),
        Err(error) => page(&app, &visitor, &next, fields.refused(error.into())?).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_back_to_a_page_of_ours_alone() {
        assert_eq!(within("/portal/cases/case_0192"), "/portal/cases/case_0192");
        for elsewhere in ["//evil.example", "https://evil.example", "/portal/../x", "/portalx", "/portal/\\evil", ""] {
            assert_eq!(within(elsewhere), "/portal", "{elsewhere}");
        }
    }
}
