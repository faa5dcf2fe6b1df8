//! One side says that money came in. Contact stops at once; the other side confirms, contests, or lets the term pass.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::{
    House, Payment, PaymentStatus, PaymentsError, Route, Side, debt,
    jobs::DefaultAnswer,
    payment::route_of,
    settling::{self, Settling},
    store::{self, Engagement},
};
use crate::{
    cases::{self, Case, EventKind, HoldKind},
    db::{By, Conn, DbError},
    jobs,
    receivables::invoice::Invoice,
    types::{BasisPoints, CaseId, Money, PaymentId, clock::day_in, term::Term},
};

const REFERENCE_MAX_CHARS: usize = 140;

/// What somebody says came in.
#[derive(Debug, Clone)]
pub struct Declaration {
    pub amount: Money,
    pub received_on: NaiveDate,
    /// The bank's reference of the transfer: the same one twice on a case is one payment declared twice.
    pub bank_reference: String,
    /// None: an agency's client account, or a creditor's own.
    pub route: Option<Route>,
}

/// Declares a payment. Where no agency is engaged, the creditor's word is enough and it is confirmed at once.
///
/// # Errors
/// Not this side's to say; more than is owed on that day; a day to come or before the first invoice; another currency; the
/// bank reference is on the case already.
pub async fn declare(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    case_id: CaseId,
    said: &Declaration,
) -> Result<Payment, PaymentsError> {
    let case = cases::lock(conn, by, case_id).await?;
    let engagement = store::find_engagement(conn, case_id, said.received_on).await?;
    let (declared_by, route) = route_of(by.scope, said.route, case.phase, engagement.agency_id)?;
    let settling = settling::look_up(conn, by, &case, engagement.agency_id).await?;
    check(by, &case, &settling, said, engagement.in_flight_minor)?;
    let payment = said.payment(by, &case, engagement, declared_by, route);
    enter(conn, by, house, case, payment, settling).await
}

impl Declaration {
    /// The payment that was said to have come.
    pub(super) fn payment(&self, by: &By, case: &Case, engagement: Engagement, declared_by: Side, route: Route) -> Payment {
        Payment {
            id: PaymentId::fresh(),
            case: case.id,
            creditor: case.creditor,
            agency: engagement.agency_id,
            route,
            declared_by,
            amount: self.amount,
            received_on: self.received_on,
            bank_reference: self.bank_reference.trim().to_owned(),
            bank_entry: None,
            hold: None,
            status: PaymentStatus::Declared,
            answer_by: by.at,
            answer_note: None,
            fee: engagement.fee_bp.unwrap_or(BasisPoints(0)),
            fee_terms: engagement.fee_terms,
            version: 1,
            declared_at: by.at,
            answered_at: None,
            reversed_on: None,
            reversal_note: None,
        }
    }
}

/// Writes a payment down. Where another side has a word in it contact stops until that has answered; else it is settled at
/// once. What stands on the creditor's own bank account needs nobody's word: it is the one that owes the others of it.
///
/// # Errors
/// The bank reference is on the case already.
pub(super) async fn enter(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    mut case: Case,
    mut payment: Payment,
    settling: Settling,
) -> Result<Payment, PaymentsError> {
    let is_proven = payment.bank_entry.is_some() && payment.declared_by == Side::Creditor;
    let waits = payment.answering().is_some() && !is_proven;
    if waits {
        payment.answer_by = by.at + TimeDelta::days(house.answer_days.into());
        payment.hold =
            Some(cases::place_hold(conn, by, &mut case, HoldKind::PaymentInFlight, "a payment was declared", None).await?);
        jobs::enqueue(conn, "payments.default_answer", &DefaultAnswer { payment_id: payment.id }, payment.answer_by).await?;
        jobs::enqueue_reminder(conn, Term::Payment { payment_id: payment.id }, by.at, payment.answer_by).await?;
    }
    insert(conn, &payment).await?;
    case.record(by, EventKind::PaymentDeclared, told(&payment));
    if !waits {
        return settling::settle(conn, by, house, case, payment, settling, None).await;
    }
    cases::save(conn, by, &mut case).await?;
    Ok(payment)
}

/// Writes down a payment that its provider has announced: contact stops until the provider says whether it came.
///
/// # Errors
/// The bank reference is on the case already.
pub(super) async fn await_provider(
    conn: &mut Conn<'_>,
    by: &By,
    mut case: Case,
    mut payment: Payment,
    expected_by: DateTime<Utc>,
) -> Result<(), PaymentsError> {
    payment.answer_by = expected_by;
    payment.hold =
        Some(cases::place_hold(conn, by, &mut case, HoldKind::PaymentInFlight, "a direct debit is on its way", None).await?);
    insert(conn, &payment).await?;
    case.record(by, EventKind::PaymentDeclared, told(&payment));
    Ok(cases::save(conn, by, &mut case).await?)
}

async fn insert(conn: &mut Conn<'_>, payment: &Payment) -> Result<(), PaymentsError> {
    store::insert(conn, payment).await.map_err(|error| match error {
        DbError::Violates(name) if name == "payments_reference_unique" => PaymentsError::Duplicate,
        DbError::Busy(_) | DbError::Violates(_) | DbError::Other(_) => error.into(),
    })
}

/// What the timeline tells of a declared payment.
fn told(payment: &Payment) -> serde_json::Value {
    json!({
        "payment_id": payment.id, "amount_minor": payment.amount.minor, "currency": payment.amount.currency, "route": payment.route,
        "declared_by": payment.declared_by, "received_on": payment.received_on, "answer_by": payment.answer_by,
    })
}

pub(super) fn check(
    by: &By,
    case: &Case,
    settling: &Settling,
    said: &Declaration,
    in_flight_minor: i64,
) -> Result<(), PaymentsError> {
    if !(1..=REFERENCE_MAX_CHARS).contains(&said.bank_reference.trim().chars().count()) {
        return Err(PaymentsError::BankReference);
    }
    if said.amount.currency != case.currency {
        return Err(PaymentsError::OtherCurrency(case.currency));
    }
    if !said.amount.is_positive() {
        return Err(PaymentsError::NothingPaid);
    }
    let last = day_in(settling.terms.country.time_zone(), by.at);
    let first = settling.invoices.iter().map(|invoice: &Invoice| invoice.issued_on).min().unwrap_or(last);
    if said.received_on > last || said.received_on < first {
        return Err(PaymentsError::ReceivedOn { first, last });
    }
    let owed = debt::total(&debt::open_on(&settling.terms, &debt::whole(&settling.invoices), said.received_on)?, case.currency)?;
    let in_flight = Money::new(in_flight_minor, case.currency);
    if said.amount.minor > owed.checked_sub(in_flight)?.minor {
        return Err(PaymentsError::TooMuch { owed, in_flight, on: said.received_on });
    }
    Ok(())
}
