//! By which ways a debtor is reached, behind the link of the debtor page: refused and allowed again with one button each, and by
//! the button that mail programs show (RFC 8058).
//!
//! What may never happen here: a channel refused by a program that only looks; an address shown whole to whoever found a letter.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    RecoveryError,
    opt_outs::{self, REFUSABLE, Way},
    store::deliveries,
};
use crate::{
    app::App,
    cases::{self, CasesError},
    db::{By, Conn, Scope},
    http::Problem,
    pages,
    paper::{Frame, Texts},
    receivables,
    types::{CaseId, Channel, DeliveryId, Language},
};

/// Which button was pressed.
#[derive(Debug, Deserialize)]
pub struct Pressed {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    wish: String,
}

/// A channel as the page shows it.
struct Reached {
    channel: Channel,
    /// Its middle left out.
    address: String,
    is_refused: bool,
}

#[derive(Template)]
#[template(path = "pages/channels.html")]
struct ChannelsPage {
    frame: Frame,
    texts: &'static Texts,
    /// Back to the debtor page.
    back: String,
    reached: Vec<Reached>,
}

impl ChannelsPage {
    fn say(&self, key: &str) -> &str {
        self.texts.find(&format!("channels.{key}")).unwrap_or_default()
    }
}

/// The page.
///
/// # Errors
/// None that depend on the reader: what goes wrong is said on a page.
pub async fn show(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Problem> {
    let Some(visit) = Visit::at(&app, &request, &token) else { return nowhere(&request) };
    visit.shown(&app).await
}

/// The debtor refuses a channel, or allows it again. Harmless when repeated.
///
/// # Errors
/// As [`show`].
pub async fn choose(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    pressed: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let Some(visit) = Visit::at(&app, &request, &token) else { return nowhere(&request) };
    let Some(channel) = REFUSABLE.iter().copied().find(|channel| channel.as_str() == pressed.channel) else {
        return visit.shown(&app).await;
    };
    let (by, case) = (visit.by, visit.case);
    let done = app.db.transaction(by.scope, async |conn| match pressed.wish.as_str() {
        "allow" => opt_outs::opt_in(conn, &by, case, channel, Way::Page).await,
        _ => opt_outs::opt_out(conn, &by, case, channel, Way::Page).await.map(drop),
    });
    let done = done.await;
    app.jobs_waiting.notify_one();
    match done {
        Ok(()) => {
            let query = visit.asked.map(|language| format!("?lang={language}")).unwrap_or_default();
            Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, format!("{}/channels{query}", visit.path))).finish())
        }
        // The address is gone since the page was opened: it says what is.
        Err(RecoveryError::Invalid(..)) => visit.shown(&app).await,
        Err(error) => visit.failed(error),
    }
}

/// Where a mail program asks that no more mails come to the address that one of ours went to: one POST, no questions (RFC 8058
/// section 3.1). Its body, whatever form it has, says nothing that the address does not.
///
/// # Errors
/// As [`show`].
pub async fn unsubscribe(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, DeliveryId)>,
) -> Result<HttpResponse, Problem> {
    let (token, delivery) = path.into_inner();
    let Some(visit) = Visit::at(&app, &request, &token) else { return nowhere(&request) };
    // A message is not for the eyes of a link.
    let (by, case) = (By { scope: Scope::System, ..visit.by }, visit.case);
    let done = app.db.transaction(by.scope, async |conn| {
        let address = deliveries::mail_address(conn, case, delivery).await?.ok_or(RecoveryError::NotFound("mail"))?;
        opt_outs::opt_address_out(conn, &by, case, (Channel::Mail, &address), Way::MailProgram).await
    });
    match done.await {
        Ok(()) => visit.shown(&app).await,
        Err(RecoveryError::NotFound(_)) => nowhere(&request),
        Err(error) => visit.failed(error),
    }
}

/// Where a browser gets to that follows the link of the header: looking refuses nothing.
///
/// # Errors
/// As [`show`].
pub async fn show_to_mail_program(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, DeliveryId)>,
) -> Result<HttpResponse, Problem> {
    let Some(visit) = Visit::at(&app, &request, &path.0) else { return nowhere(&request) };
    visit.shown(&app).await
}

fn nowhere(request: &HttpRequest) -> Result<HttpResponse, Problem> {
    pages::not_found(pages::language_of(request, Language::English))
}

/// Somebody who holds a link.
struct Visit {
    case: CaseId,
    by: By,
    path: String,
    /// In the address; else the debtor's own.
    asked: Option<Language>,
    browser_language: Language,
}

impl Visit {
    fn at(app: &App, request: &HttpRequest, token: &str) -> Option<Self> {
        let case = app.keys.debtor_case(token)?;
        Some(Self {
            case,
            by: By::debtor(case, app.clock.now()),
            path: format!("/d/{token}"),
            asked: pages::asked_language(request),
            browser_language: pages::language_of(request, Language::English),
        })
    }

    async fn shown(&self, app: &App) -> Result<HttpResponse, Problem> {
        match app.db.transaction(self.by.scope, async |conn| self.page(conn).await).await {
            Ok(page) => Ok(pages::html(StatusCode::OK, page.render().map_err(Problem::internal)?)),
            Err(error) => self.failed(error),
        }
    }

    fn failed(&self, error: RecoveryError) -> Result<HttpResponse, Problem> {
        if matches!(error, RecoveryError::Cases(CasesError::NotFound)) {
            return pages::not_found(self.browser_language);
        }
        pages::failed(self.browser_language, &error.into())
    }

    async fn page(&self, conn: &mut Conn<'_>) -> Result<ChannelsPage, RecoveryError> {
        let debtor = cases::find(conn, &self.by, self.case).await?.debtor;
        let debtor = receivables::find_debtor(conn, &self.by, debtor).await?;
        let refused = opt_outs::refused_by(conn, &debtor).await?;
        let reached = REFUSABLE.iter().filter_map(|channel| {
            let address = match channel {
                Channel::Mail => masked_mail(debtor.email.as_deref()?),
                Channel::Sms | Channel::Call => masked_number(debtor.phone.as_deref()?),
                Channel::Letter => return None,
            };
            Some(Reached { channel: *channel, address, is_refused: refused.iter().any(|one| one.channel == *channel) })
        });
        let language = self.asked.unwrap_or(debtor.language);
        let texts = Texts::of(language);
        let frame = Frame { language, title: texts.say("channels.title").to_owned(), path: format!("{}/channels", self.path) };
        Ok(ChannelsPage { frame, texts, back: self.path.clone(), reached: reached.collect() })
    }
}

/// `p…@ruiz.example`
fn masked_mail(address: &str) -> String {
    let (name, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    format!("{}…@{domain}", name.chars().take(1).collect::<String>())
}

/// `…678`
fn masked_number(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(3)).collect();
    format!("…{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_again_and_not_given_away() {
        assert_eq!(masked_mail("pagos@ruiz.example"), "p…@ruiz.example");
        assert_eq!(masked_number("+34 600 123 678"), "…678");
        assert_eq!(masked_number("12"), "…12");
    }
}
