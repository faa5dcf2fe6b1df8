//! The debtor's way to Stripe's page and back, without a script.
//!
//! What may never happen here: two pages open for the same debt; a debtor sent on before the attempt is written down; the debt
//! shown as open to somebody who has just paid it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, Path},
};
use serde::Deserialize;

use super::{
    checkouts::{self, Begun, Checkout, CheckoutStatus},
    gateway::{Gateway, NotDone},
    jobs::{follow, open_page},
};
use crate::{
    app::App,
    cases::pages::{ByCard, read_card_form},
    db::By,
    http::Problem,
    jobs::JobError,
    pages,
    types::{CaseId, CheckoutId, Language, Money},
};

/// The amount that was typed.
#[derive(Debug, Deserialize)]
pub struct TypedAmount {
    #[serde(default)]
    amount: String,
}

/// The debtor wants to pay by card or direct debit: on to Stripe's page.
///
/// # Errors
/// None that depend on the reader: what goes wrong is said on a page.
pub async fn check_out(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<TypedAmount>,
) -> Result<HttpResponse, Problem> {
    let (amount, language) = match read_card_form(&app, &request, &token, &typed.amount).await? {
        ByCard::Answered(answer) => return Ok(answer),
        ByCard::Pay(amount, language) => (amount, language),
    };
    let Some(case) = app.keys.debtor_case(&token) else { return pages::not_found(language) };
    match way_to_pay(&app, case, amount, language).await {
        Ok(Way::Out(url)) => Ok(see(url)),
        Ok(Way::Back) => Ok(see(format!("/d/{token}?lang={language}#status"))),
        Err(error) => {
            tracing::warn!(%case, %error, "a debtor could not be brought to Stripe's page");
            pages::away(language, "error.provider_title", "error.provider_text")
        }
    }
}

/// The debtor comes back from Stripe's page: what became of the payment is looked up before anything is shown.
///
/// # Errors
/// As [`check_out`].
pub async fn come_back(app: Data<App>, request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let language = pages::language_of(&request, Language::English);
    let (token, checkout) = at.into_inner();
    let (Some(case), Ok(id)) = (app.keys.debtor_case(&token), checkout.parse::<CheckoutId>()) else {
        return pages::not_found(language);
    };
    let by = By::debtor(case, app.clock.now());
    let known = app.db.transaction(by.scope, async |conn| checkouts::find(conn, id).await).await;
    if known.is_err() {
        return pages::not_found(language);
    }
    if let Err(error) = follow(&app, id, (None, None)).await {
        // The webhook, or the job that catches up, tells the books; the page says what is known.
        tracing::warn!(checkout = %id, %error, "a payment could not be looked up when its debtor came back");
    }
    app.jobs_waiting.notify_one();
    Ok(see(format!("/d/{token}?lang={language}#status")))
}

enum Way {
    /// To Stripe's page.
    Out(String),
    /// To the debtor page, which shows what has happened meanwhile.
    Back,
}

async fn way_to_pay(app: &App, case: CaseId, amount: Money, language: Language) -> Result<Way, JobError> {
    let mut begun = begin(app, case, amount, language).await?;
    if let Begun::Replace(other) = &begun {
        close(app, other).await?;
        begun = begin(app, case, amount, language).await?;
    }
    match begun {
        Begun::New(checkout) => go(app, &checkout, open_page(app, &checkout, false).await?).await,
        Begun::Known(Checkout { status: CheckoutStatus::Open, url: Some(url), .. }) => Ok(Way::Out(url)),
        Begun::Known(checkout) => go(app, &checkout, open_page(app, &checkout, true).await?).await,
        // It was paid meanwhile, or somebody else is at it with this link.
        Begun::Replace(_) => Ok(Way::Back),
    }
}

async fn begin(app: &App, case: CaseId, amount: Money, language: Language) -> Result<Begun, JobError> {
    let by = By::debtor(case, app.clock.now());
    let begun = app.db.transaction(by.scope, async |conn| {
        crate::cases::lock(conn, &by, case).await?;
        checkouts::begin(conn, &by, case, amount, language).await
    });
    Ok(begun.await?)
}

/// A page without an address is paid or closed already.
async fn go(app: &App, checkout: &Checkout, url: Option<String>) -> Result<Way, JobError> {
    if let Some(url) = url {
        return Ok(Way::Out(url));
    }
    follow(app, checkout.id, (None, None)).await?;
    Ok(Way::Back)
}

/// Closes the page of another amount. One that was paid meanwhile is followed instead.
async fn close(app: &App, other: &Checkout) -> Result<(), JobError> {
    let gateway = Gateway::of(app).ok_or_else(|| JobError::Never("Stripe is off".to_owned()))?;
    let session = match &other.session {
        Some(session) => Some(session.clone()),
        None => gateway.find_session(other.id).await?.map(|session| session.id),
    };
    if let Some(session) = &session {
        match gateway.expire_session(session).await {
            Ok(_) | Err(NotDone::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    follow(app, other.id, (session.as_deref(), None)).await
}

fn see(url: String) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER).insert_header((header::LOCATION, url)).finish()
}
