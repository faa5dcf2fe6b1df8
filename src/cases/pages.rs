//! The debtor page over HTTP: what stands behind an unguessable link, without a login and without a script.
//!
//! What may never happen here: a word about a case without its link; a second promise or objection from a second click;
//! what was typed lost to a mistake in it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, FormConfig, Path, Payload},
};
use serde::Deserialize;

use super::{
    About, CasesError, Objection,
    circumstances::{self, Statement},
    debtor_forms::{CircumstanceForm, EvidenceError, EvidenceForm, TypedObjection},
    debtor_page::{DebtorPage, State},
    debtor_view::page_of,
    disputes::{Given, give_proof},
    find, lock, make_promise, open_dispute, plans, settlements,
};
use crate::{
    app::App,
    db::{By, Conn},
    http::{FormWithFile, Problem},
    pages,
    receivables::ReceivablesError,
    types::{CaseId, DisputeId, Language, Money, ReceivableId},
};

/// 4,000 characters of four bytes, each byte written as `%XX`, and the reason.
const FORM_BYTES_MAX: usize = 4_000 * 4 * 3 + 1_000;

/// How much a form may send.
#[must_use]
pub fn form_config() -> FormConfig {
    FormConfig::default().limit(FORM_BYTES_MAX)
}

/// The page.
///
/// # Errors
/// None that depend on the reader: what goes wrong is said on a page.
pub async fn show(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse, Problem> {
    let visit = match Visit::at(&app, &request, &token) {
        Ok(visit) => visit,
        Err(language) => return pages::not_found(language),
    };
    let page = app.db.transaction(visit.by.scope, async |conn| {
        let case = find(conn, &visit.by, visit.case).await?;
        page_of(conn, &visit.by, (&visit.path, visit.language), app.settings.stripe.is_on(), &case).await
    });
    visit.answer(page.await.map(|page| Step::Shown(StatusCode::OK, Box::new(page))))
}

/// The day that was typed.
#[derive(Debug, Deserialize)]
pub struct TypedDay {
    #[serde(default)]
    promised_on: String,
}

/// The debtor names a day.
///
/// # Errors
/// As [`show`].
pub async fn promise(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<TypedDay>,
) -> Result<HttpResponse, Problem> {
    take(&app, &request, &token, async |conn, by, case, mut page| {
        let State::Owed(owed) = &mut page.state else { return Ok(Step::Done) };
        // No form, no promise: a second click finds the first one's hold.
        let Some(form) = owed.promise.take() else { return Ok(Step::Done) };
        match form.read(&typed.promised_on) {
            Ok(day) => make_promise(conn, by, case, None, day).await.map(|_| Step::Done),
            Err(form) => {
                owed.promise = Some(form);
                Ok(Step::again(page))
            }
        }
    })
    .await
}

/// The parts and the day that were chosen.
#[derive(Debug, Deserialize)]
pub struct TypedPlan {
    #[serde(default)]
    instalments: String,
    #[serde(default)]
    first_on: String,
}

/// The debtor agrees on a payment plan.
///
/// # Errors
/// As [`show`].
pub async fn agree_plan(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<TypedPlan>,
) -> Result<HttpResponse, Problem> {
    take(&app, &request, &token, async |conn, by, case, mut page| {
        let State::Owed(owed) = &mut page.state else { return Ok(Step::Done) };
        let Some(form) = owed.plan.take() else { return Ok(Step::Done) };
        match form.read(&typed.instalments, &typed.first_on) {
            Ok(wish) => plans::agree_plan(conn, by, case, wish).await.map(|_| Step::Done),
            Err(form) => {
                owed.plan = Some(form);
                Ok(Step::again(page))
            }
        }
    })
    .await
}

/// What was typed to settle.
#[derive(Debug, Deserialize)]
pub struct TypedSettlement {
    #[serde(default)]
    amount: String,
    #[serde(default)]
    pay_by: String,
}

/// The debtor asks to be done with less.
///
/// # Errors
/// As [`show`].
pub async fn ask_for_settlement(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<TypedSettlement>,
) -> Result<HttpResponse, Problem> {
    take(&app, &request, &token, async |conn, by, case, mut page| {
        let State::Owed(owed) = &mut page.state else { return Ok(Step::Done) };
        let Some(form) = owed.settlement.take() else { return Ok(Step::Done) };
        match form.read(&typed.amount, &typed.pay_by) {
            Ok(proposal) => settlements::ask(conn, by, case, proposal).await.map(|_| Step::Done),
            Err(form) => {
                owed.settlement = Some(form);
                Ok(Step::again(page))
            }
        }
    })
    .await
}

/// Which button was pressed.
#[derive(Debug, Deserialize)]
pub struct TypedAnswer {
    #[serde(default)]
    answer: String,
}

/// The debtor answers an offer to settle.
///
/// # Errors
/// As [`show`].
pub async fn answer_settlement(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<TypedAnswer>,
) -> Result<HttpResponse, Problem> {
    take(&app, &request, &token, async |conn, by, _, page| {
        let State::Owed(owed) = &page.state else { return Ok(Step::Done) };
        match (&owed.offer, typed.answer.parse()) {
            (Some(offer), Ok(said)) => settlements::answer(conn, by, offer.id, said).await.map(|_| Step::Done),
            // Answered or expired: the page says what is.
            (None, _) | (_, Err(_)) => Ok(Step::Done),
        }
    })
    .await
}

/// What stands in the way.
#[derive(Debug, Deserialize)]
pub struct TypedCircumstance {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    statement: String,
}

/// The debtor says what stands in the way of paying.
///
/// # Errors
/// As [`show`].
pub async fn state_circumstance(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<TypedCircumstance>,
) -> Result<HttpResponse, Problem> {
    take(&app, &request, &token, async |conn, by, case, mut page| {
        let State::Owed(owed) = &mut page.state else { return Ok(Step::Done) };
        if owed.circumstance.is_none() {
            return Ok(Step::Done);
        }
        match CircumstanceForm::read(&typed.kind, &typed.statement) {
            Ok((kind, statement)) => {
                circumstances::state(conn, by, case, &Statement { kind, statement }).await.map(|_| Step::Done)
            }
            Err(form) => {
                owed.circumstance = Some(form);
                Ok(Step::again(page))
            }
        }
    })
    .await
}

/// The debtor objects.
///
/// # Errors
/// As [`show`].
pub async fn object(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    typed: Form<TypedObjection>,
) -> Result<HttpResponse, Problem> {
    take(&app, &request, &token, async |conn, by, case, mut page| {
        let State::Owed(owed) = &mut page.state else { return Ok(Step::Done) };
        let Some(form) = owed.objection.take() else { return Ok(Step::Done) };
        match form.read(&typed) {
            Ok(said) => {
                let receivables: Vec<ReceivableId> = said.invoice.into_iter().collect();
                let about = About { receivables: &receivables, amount: said.amount };
                let objection = Objection { reason: said.reason, statement: &said.statement, about };
                open_dispute(conn, by, case, &objection).await.map(|_| Step::Done)
            }
            Err(form) => {
                owed.objection = Some(*form);
                Ok(Step::again(page))
            }
        }
    })
    .await
}

/// What a debtor sends at most as one proof: a photograph, a scan of some pages.
const PROOF_MAX_BYTES: usize = 10 * 1024 * 1024;

/// The debtor gives what shows that the objection is right: in words, as a file, or both.
///
/// # Errors
/// As [`show`].
pub async fn give_evidence(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    // Nobody without a link sends us files.
    if let Err(language) = Visit::at(&app, &request, &token) {
        return pages::not_found(language);
    }
    let form = match FormWithFile::read(&request, payload, PROOF_MAX_BYTES).await {
        Ok(form) => form,
        Err(problem) => return pages::failed(pages::language_of(&request, Language::English), &problem),
    };
    take(&app, &request, &token, async |conn, by, _, mut page| {
        let State::Owed(owed) = &mut page.state else { return Ok(Step::Done) };
        let asked = owed.disputes.iter_mut().flat_map(|dispute| dispute.asked.iter_mut().map(|asked| (dispute.id, asked)));
        let is_meant = |id: DisputeId, asked: &EvidenceForm| {
            id.to_string() == form.text("dispute") && asked.item.as_str() == form.text("item")
        };
        let found = asked.into_iter().find(|(id, asked)| is_meant(*id, asked));
        // Nothing asked any more, nothing given: a second click finds the first one's answer.
        let Some((dispute, asked)) = found else { return Ok(Step::Done) };
        if !asked.read(form.text("statement"), form.file.is_some() || form.is_too_large) {
            return Ok(Step::again(page));
        }
        if form.is_too_large {
            asked.refuse(EvidenceError::FileTooLarge);
            return Ok(Step::again(page));
        }
        let given = Given { item: asked.item, statement: form.text("statement").trim(), file: form.file.as_ref() };
        match give_proof(conn, by, dispute, &given).await {
            Ok(_) => Ok(Step::Done),
            Err(CasesError::Receivables(ReceivablesError::UnknownContent)) => {
                asked.refuse(EvidenceError::FileUnknown);
                Ok(Step::again(page))
            }
            Err(error) => Err(error),
        }
    })
    .await
}

/// What a debtor wants to pay by card or direct debit.
#[derive(Debug)]
pub enum ByCard {
    /// So much, in the language of the page.
    Pay(Money, Language),
    /// What is wrong was said on a page, or there is nothing to pay: this is the answer.
    Answered(HttpResponse),
}

/// Reads how much a debtor wants to pay by card, off the form of its page as it stands now.
///
/// # Errors
/// None that depend on the reader.
pub async fn read_card_form(app: &App, request: &HttpRequest, token: &str, amount: &str) -> Result<ByCard, Problem> {
    let mut wanted = None;
    let answer = take(app, request, token, async |_, _, _, mut page| {
        let State::Owed(owed) = &mut page.state else { return Ok(Step::Done) };
        let Some(form) = owed.card.take() else { return Ok(Step::Done) };
        match form.read(amount) {
            Ok(amount) => {
                wanted = Some((amount, page.language));
                Ok(Step::Done)
            }
            Err(form) => {
                owed.card = Some(form);
                Ok(Step::again(page))
            }
        }
    });
    let answer = answer.await?;
    Ok(wanted.map_or(ByCard::Answered(answer), |(amount, language)| ByCard::Pay(amount, language)))
}

/// Takes a form in: under the case's lock, with the page as it stands then.
async fn take<F>(app: &App, request: &HttpRequest, token: &str, fill: F) -> Result<HttpResponse, Problem>
where
    F: AsyncFnOnce(&mut Conn<'_>, &By, CaseId, DebtorPage) -> Result<Step, CasesError>,
{
    let visit = match Visit::at(app, request, token) {
        Ok(visit) => visit,
        Err(language) => return pages::not_found(language),
    };
    let step = app.db.transaction(visit.by.scope, async |conn| {
        let case = lock(conn, &visit.by, visit.case).await?;
        let page = page_of(conn, &visit.by, (&visit.path, visit.language), app.settings.stripe.is_on(), &case).await?;
        fill(conn, &visit.by, case.id, page).await
    });
    let step = step.await;
    app.jobs_waiting.notify_one();
    visit.answer(step)
}

/// Somebody who holds a link.
struct Visit {
    case: CaseId,
    by: By,
    path: String,
    /// Asked for in the address; else the debtor's own.
    language: Option<Language>,
    /// For pages that know no debtor.
    browser_language: Language,
}

/// What a visit comes to.
enum Step {
    Shown(StatusCode, Box<DebtorPage>),
    /// Back to the page, which shows what is new.
    Done,
}

impl Step {
    /// The page again, with what is wrong.
    fn again(page: DebtorPage) -> Self {
        Self::Shown(StatusCode::UNPROCESSABLE_ENTITY, Box::new(page))
    }
}

impl Visit {
    /// # Errors
    /// Not a link of ours: the language to say so in.
    fn at(app: &App, request: &HttpRequest, token: &str) -> Result<Self, Language> {
        let browser_language = pages::language_of(request, Language::English);
        let case = app.keys.debtor_case(token).ok_or(browser_language)?;
        Ok(Self {
            case,
            by: By::debtor(case, app.clock.now()),
            path: format!("/d/{token}"),
            language: pages::asked_language(request),
            browser_language,
        })
    }

    fn answer(&self, step: Result<Step, CasesError>) -> Result<HttpResponse, Problem> {
        match step {
            Ok(Step::Shown(status, page)) => match page.html() {
                Ok(html) => Ok(pages::html(status, html)),
                Err(error) => pages::failed(self.browser_language, &Problem::internal(error)),
            },
            Ok(Step::Done) => {
                let query = self.language.map(|language| format!("?lang={language}")).unwrap_or_default();
                Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, format!("{}{query}#status", self.path))).finish())
            }
            Err(CasesError::NotFound) => pages::not_found(self.browser_language),
            Err(error) => pages::failed(self.browser_language, &Problem::internal(error)),
        }
    }
}
