//! Which notifications are mailed too, and what the mail says: those that ask for something, or end something.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{NoticesError, Notification, reminders::TERM_ENDING, store};
use crate::{
    cases,
    db::{By, Conn},
    paper::{ListedCase, Notice, Texts},
    parties,
    types::{BasisPoints, Currency, MandateId, Money, OfferId, OrgId, PaymentId, term::TermKind},
};

/// Whether notifications of this kind are mailed; the others are for the portal.
#[must_use]
pub fn are_sent_for(kind: &str) -> bool {
    matches!(
        kind,
        "awarded"
            | "payment_declared"
            | "payment_confirmed"
            | "returned"
            | "closed"
            | "offer_awarded"
            | "offer_lost"
            | "offer_void"
            | TERM_ENDING
    )
}

/// Where in the portal what is told of can be answered or read.
#[must_use]
pub fn page_of(told: &Notification) -> String {
    let awarded = || parse::<AwardedLine>(told.data.get("event").unwrap_or(&Value::Null));
    match (told.kind.as_str(), told.case_id) {
        ("awarded", _) => awarded().map_or_else(|| "/portal".to_owned(), |line| format!("/portal/mandates/{}", line.mandate_id)),
        ("payment_confirmed", _) => "/portal/statement".to_owned(),
        ("payment_declared" | "returned" | "closed", Some(case)) => format!("/portal/cases/{case}"),
        _ => "/portal".to_owned(),
    }
}

/// What the mail tells. `None`: this organisation needs no mail of it.
///
/// # Errors
/// The database fails, or the case is gone.
pub async fn notice_of(conn: &mut Conn<'_>, by: &By, told: &Notification, link: String) -> Result<Option<Notice>, NoticesError> {
    let case_reference = told.data.get("case_reference").and_then(Value::as_str).unwrap_or_default().to_owned();
    let line = told.data.get("event").unwrap_or(&Value::Null);
    match told.kind.as_str() {
        "awarded" => mandate_to_sign(conn, by, told, case_reference, line, link).await,
        "payment_declared" => payment_declared(conn, by, told, case_reference, line, link).await,
        "payment_confirmed" => payment_confirmed(conn, told, case_reference, line, link).await,
        "returned" => case_returned(conn, by, told, case_reference, link).await,
        "closed" => case_closed(conn, by, told, case_reference, line, link).await,
        "offer_awarded" => Ok(parse::<OfferData>(&told.data)
            .and_then(|offer| Some(Notice::OfferWon { on: offer.on, fee: offer.fee_bp?, sign_by: offer.sign_by?, link }))),
        "offer_lost" | "offer_void" => Ok(parse::<OfferData>(&told.data).map(|offer| Notice::OfferLost {
            on: offer.on,
            fee: offer.fee_bp,
            reason: offer.reason.unwrap_or_default(),
        })),
        TERM_ENDING => Ok(parse::<Ending>(&told.data).map(|ending| Notice::TermEnding {
            term: ending.of,
            case_reference,
            until: ending.until,
            link,
        })),
        _ => Ok(None),
    }
}

fn parse<T: DeserializeOwned>(data: &Value) -> Option<T> {
    T::deserialize(data).ok()
}

#[derive(Deserialize)]
struct OfferData {
    #[serde(flatten)]
    on: ListedCase,
    fee_bp: Option<BasisPoints>,
    reason: Option<String>,
    sign_by: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Ending {
    of: TermKind,
    until: DateTime<Utc>,
}

#[derive(Deserialize)]
struct AwardedLine {
    mandate_id: MandateId,
    offer_id: Option<OfferId>,
}

/// To both sides; an agency whose offer was chosen reads the same in the mail about its offer.
async fn mandate_to_sign(
    conn: &mut Conn<'_>,
    by: &By,
    told: &Notification,
    case_reference: String,
    line: &Value,
    link: String,
) -> Result<Option<Notice>, NoticesError> {
    let Some(awarded) = parse::<AwardedLine>(line) else { return Ok(None) };
    let Some(mandate) = store::find_mandate(conn, awarded.mandate_id).await? else { return Ok(None) };
    if mandate.agency_id == told.organisation && awarded.offer_id.is_some() {
        return Ok(None);
    }
    let other = if mandate.agency_id == told.organisation { mandate.creditor_id } else { mandate.agency_id };
    let other_party = parties::find_organisation(conn, by, other).await?.legal_name;
    Ok(Some(Notice::MandateToSign { case_reference, other_party, fee: mandate.fee_bp, sign_by: mandate.sign_by, link }))
}

#[derive(Deserialize)]
struct PaymentLine {
    payment_id: PaymentId,
    amount_minor: i64,
    currency: Currency,
    received_on: NaiveDate,
    declared_by: Option<String>,
    answer_by: Option<DateTime<Utc>>,
}

async fn payment_declared(
    conn: &mut Conn<'_>,
    by: &By,
    told: &Notification,
    case_reference: String,
    line: &Value,
    link: String,
) -> Result<Option<Notice>, NoticesError> {
    let (Some(payment), Some(case)) = (parse::<PaymentLine>(line), told.case_id) else { return Ok(None) };
    let case = cases::find(conn, by, case).await?;
    let side = if payment.declared_by.as_deref() == Some("creditor") { Some(case.creditor) } else { case.agency };
    let (Some(declared_by), Some(answer_by)) = (side, payment.answer_by) else { return Ok(None) };
    Ok(Some(Notice::PaymentDeclared {
        case_reference,
        declared_by: parties::find_organisation(conn, by, declared_by).await?.legal_name,
        amount: Money::new(payment.amount_minor, payment.currency),
        received_on: payment.received_on,
        answer_by,
        link,
    }))
}

/// To whoever is to be paid out: the holder of the money finds its payouts in the portal.
async fn payment_confirmed(
    conn: &mut Conn<'_>,
    told: &Notification,
    case_reference: String,
    line: &Value,
    link: String,
) -> Result<Option<Notice>, NoticesError> {
    let Some(payment) = parse::<PaymentLine>(line) else { return Ok(None) };
    let Some(payout) = store::find_payout(conn, payment.payment_id, told.organisation).await? else { return Ok(None) };
    Ok(Some(Notice::PaymentConfirmed {
        case_reference,
        amount: Money::new(payment.amount_minor, payment.currency),
        received_on: payment.received_on,
        share: Money::new(payout.amount_minor, payment.currency),
        payout_due_on: payout.due_on,
        link,
    }))
}

#[derive(Deserialize)]
struct Returned {
    agency_id: OrgId,
    event: ReturnedLine,
}

#[derive(Deserialize)]
struct ReturnedLine {
    reason: String,
}

async fn case_returned(
    conn: &mut Conn<'_>,
    by: &By,
    told: &Notification,
    case_reference: String,
    link: String,
) -> Result<Option<Notice>, NoticesError> {
    let Some(returned) = parse::<Returned>(&told.data) else { return Ok(None) };
    let agency = parties::find_organisation(conn, by, returned.agency_id).await?.legal_name;
    let language = parties::find_organisation(conn, by, told.organisation).await?.language;
    let reason = Texts::of(language).word("return_reason", &returned.event.reason);
    Ok(Some(Notice::CaseReturned { case_reference, agency, reason, link }))
}

async fn case_closed(
    conn: &mut Conn<'_>,
    by: &By,
    told: &Notification,
    case_reference: String,
    line: &Value,
    link: String,
) -> Result<Option<Notice>, NoticesError> {
    let (Some(outcome), Some(case)) = (line.get("outcome").and_then(Value::as_str), told.case_id) else { return Ok(None) };
    let recovered = cases::find(conn, by, case).await?.recovered();
    Ok(Some(Notice::CaseClosed { case_reference, outcome: outcome.to_owned(), recovered, link }))
}
