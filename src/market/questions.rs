//! Questions about a listing: an agency asks, the creditor answers, every bidder reads both and nobody learns who asked.
//!
//! What may never happen here: a text shown that names somebody, or an asker who learns from the treatment of its text whether
//! it guessed right. So a question is scrubbed by patterns alone, and is shown to others only with its answer; one that holds
//! a word of the case cannot be answered, which looks to its asker like a creditor who does not answer.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    MarketError, fitness,
    listing::{Listing, ListingAudience, find_listing},
    scrubbing::{Identifiers, Removal, scrub, scrub_of},
    store::{listings, questions as store},
    telling::tell,
};
use crate::{
    cases,
    db::{By, Conn, Scope},
    parties, receivables,
    types::{ListingId, OrgId, QuestionId},
};

/// A question and, once there is one, its answer.
#[derive(Debug, Clone)]
pub struct Question {
    pub id: QuestionId,
    pub listing: ListingId,
    pub question: String,
    pub answer: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
}

/// How many questions one agency may ask about a listing, and all together.
const OF_AN_AGENCY_MAX: i64 = 5;
const OF_A_LISTING_MAX: i64 = 100;
const QUESTION_MAX_CHARS: usize = 500;
const ANSWER_MAX_CHARS: usize = 1_000;

/// Asks. In `Scope::System`: whose case it is decides whether the agency may see the listing at all.
///
/// # Errors
/// No such listing for this agency; over or too late; a rule of qualification not met; nothing left after scrubbing; asked
/// enough.
pub async fn ask_question(
    conn: &mut Conn<'_>,
    by: &By,
    agency: OrgId,
    id: ListingId,
    text: &str,
) -> Result<(Question, Vec<Removal>), MarketError> {
    check_length("/question", text, QUESTION_MAX_CHARS)?;
    let listing = listings::lock(conn, id).await?.ok_or(MarketError::NotFound("listing"))?;
    if listing.audience == ListingAudience::Circle && fitness::is_barred(conn, &listing, agency).await? {
        return Err(MarketError::NotFound("listing"));
    }
    listing.must_take_offers(by.at)?;
    let unmet = fitness::unmet(conn, by, agency, &listing).await?;
    if !unmet.is_empty() {
        return Err(MarketError::NotQualified(unmet));
    }
    let asked = store::count(conn, id, agency).await?;
    if asked.of_agency >= OF_AN_AGENCY_MAX || asked.of_all >= OF_A_LISTING_MAX {
        return Err(MarketError::AskedEnough { of_agency: OF_AN_AGENCY_MAX, of_all: OF_A_LISTING_MAX });
    }
    let scrubbed = scrub(text);
    must_say_something("/question", &scrubbed.text)?;
    let question = Question {
        id: QuestionId::fresh(),
        listing: id,
        question: scrubbed.text,
        answer: None,
        asked_at: by.at,
        answered_at: None,
    };
    store::insert(conn, &question, agency).await?;
    let creditor = cases::find(conn, by, listing.case.ok_or(MarketError::NotFound("listing"))?).await?.creditor;
    tell_of(conn, by, creditor, "question_asked", &question).await?;
    Ok((question, scrubbed.removed))
}

/// Answers, once, for every bidder. In `Scope::System`: who asked and who bids is told, and the creditor knows neither.
///
/// # Errors
/// Not a question about this creditor's listing; over or too late; answered before; the question or the answer would tell who
/// owes.
pub async fn answer_question(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    id: QuestionId,
    text: &str,
) -> Result<(Question, Vec<Removal>), MarketError> {
    check_length("/answer", text, ANSWER_MAX_CHARS)?;
    let missing = || MarketError::NotFound("question");
    let found = store::find(conn, id).await?.ok_or_else(missing)?;
    let listing = listings::lock(conn, found.listing).await?.ok_or_else(missing)?;
    let case = cases::find(conn, by, listing.case.ok_or_else(missing)?).await?;
    if case.creditor != creditor {
        return Err(missing());
    }
    listing.must_take_offers(by.at)?;
    // Read again: another member may have answered before the lock was ours.
    let question = store::find(conn, id).await?.ok_or_else(missing)?;
    if question.answer.is_some() {
        return Err(MarketError::AlreadyAnswered);
    }
    let identifiers = identifiers_of(conn, by, &case).await?;
    if identifiers.stand_in(&question.question) {
        return Err(MarketError::TellsWhoOwes);
    }
    let scrubbed = scrub_of(text, &identifiers);
    must_say_something("/answer", &scrubbed.text)?;
    store::set_answer(conn, id, &scrubbed.text, by.at).await?;
    let answered = Question { answer: Some(scrubbed.text), answered_at: Some(by.at), ..question };
    for agency in store::list_interested(conn, &answered).await? {
        tell_of(conn, by, agency, "question_answered", &answered).await?;
    }
    Ok((answered, scrubbed.removed))
}

/// The questions about a listing, oldest first, and which of them cannot be answered: that is for their creditor alone.
/// An agency reads the answered ones and its own.
///
/// # Errors
/// The listing is not visible.
pub async fn list_questions(conn: &mut Conn<'_>, by: &By, id: ListingId) -> Result<Vec<(Question, bool)>, MarketError> {
    let listing = find_listing(conn, by, id).await?;
    let questions = store::list(conn, id).await?;
    let identifiers = match by.scope {
        Scope::Creditor(_) => identifiers_of_listing(conn, by, &listing).await?,
        Scope::Agency(_) | Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Identifiers::default(),
    };
    let judged = |question: Question| {
        let tells = question.answer.is_none() && identifiers.stand_in(&question.question);
        (question, tells)
    };
    Ok(questions.into_iter().map(judged).collect())
}

async fn identifiers_of_listing(conn: &mut Conn<'_>, by: &By, listing: &Listing) -> Result<Identifiers, MarketError> {
    let case = cases::find(conn, by, listing.case.ok_or(MarketError::NotFound("listing"))?).await?;
    identifiers_of(conn, by, &case).await
}

/// Names, numbers and places of the debtor, its people, its invoices and its creditor.
async fn identifiers_of(conn: &mut Conn<'_>, by: &By, case: &cases::Case) -> Result<Identifiers, MarketError> {
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let people = receivables::list_contacts(conn, by, case.debtor).await?;
    let invoices = receivables::of_case(conn, by, case.id).await?;
    let creditor = parties::find_organisation(conn, by, case.creditor).await?;
    let (number, account) =
        (creditor.company_number.map(|number| number.to_string()), creditor.iban.map(|iban| iban.to_string()));
    let names = [debtor.legal_name.as_str(), creditor.legal_name.as_str()]
        .into_iter()
        .chain(people.iter().map(|person| person.full_name.as_str()));
    let of_the_debtor = [&debtor.tax_number, &debtor.email, &debtor.phone, &debtor.street, &debtor.postal_code, &debtor.city];
    let address = &creditor.address;
    let whole = of_the_debtor
        .into_iter()
        .chain([&creditor.phone, &number, &account])
        .flatten()
        .map(String::as_str)
        .chain([creditor.email.as_str(), case.reference.as_str()])
        .chain([address.street.as_str(), address.postal_code.as_str(), address.city.as_str()])
        .chain(people.iter().flat_map(|person| [&person.email, &person.phone].into_iter().flatten().map(String::as_str)))
        .chain(invoices.iter().flat_map(|invoice| {
            [Some(invoice.number.as_str()), invoice.purchase_order.as_deref(), invoice.delivery_note.as_deref()]
                .into_iter()
                .flatten()
        }));
    Ok(Identifiers::of(names, whole))
}

fn check_length(pointer: &'static str, text: &str, max_chars: usize) -> Result<(), MarketError> {
    super::error::check_text(pointer, text)?;
    if text.chars().count() > max_chars {
        return Err(MarketError::Invalid(pointer, format!("at most {max_chars} characters")));
    }
    Ok(())
}

/// What was nothing but names and numbers says nothing without them.
fn must_say_something(pointer: &'static str, text: &str) -> Result<(), MarketError> {
    if text.chars().any(char::is_alphabetic) {
        return Ok(());
    }
    Err(MarketError::Invalid(
        pointer,
        "nothing is left of it without the names and numbers in it: say it without them".to_owned(),
    ))
}

async fn tell_of(conn: &mut Conn<'_>, by: &By, to: OrgId, kind: &'static str, about: &Question) -> Result<(), MarketError> {
    let data =
        json!({ "listing_id": about.listing, "question_id": about.id, "question": about.question, "answer": about.answer });
    tell(conn, by, to, kind, &format!("{kind}:{}", about.id), data).await
}
