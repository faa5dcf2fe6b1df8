//! A payment that was found in a bank statement: the one that somebody declared before, or one that nobody knew of.

use chrono::{Days, NaiveDate};

use super::{
    Declaration, House, Payment, PaymentStatus, PaymentsError, Route, Side,
    declaration::{check, enter},
    settling, store,
};
use crate::{
    cases::{self, Phase},
    db::{By, Conn},
    types::{BankEntryId, CaseId, Money, OrgId},
};

/// What was declared and what the bank booked are one payment if they are no further apart.
const DAYS_APART: u64 = 7;

/// Money on the bank account of `owner`.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The case's creditor, or the agency that is engaged on it.
    pub owner: OrgId,
    pub entry: BankEntryId,
    pub amount: Money,
    pub received_on: NaiveDate,
    pub bank_reference: &'a str,
}

/// Proves a payment that was declared, or enters one. What is found on the creditor's own account is confirmed; what an agency
/// finds on its client account it reports, and the creditor answers. Under `Scope::System`.
///
/// # Errors
/// The owner has nothing to do with the case, which is then not there for it; more than is owed; the case is a draft or closed.
pub async fn found(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    case_id: CaseId,
    found: &Found<'_>,
) -> Result<Payment, PaymentsError> {
    let case = cases::lock(conn, by, case_id).await?;
    let engagement = store::find_engagement(conn, case_id, found.received_on).await?;
    let (side, route) = match found.owner {
        owner if owner == case.creditor => (Side::Creditor, Route::Direct),
        owner if engagement.agency_id == Some(owner) => (Side::Agency, Route::AgencyAccount),
        _ => return Err(PaymentsError::NotFound),
    };
    if let Some(known) = store::find_unproven(conn, case_id, route, found.amount, around(found.received_on)).await? {
        return prove(conn, by, house, case, known, found).await;
    }
    match case.phase {
        Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Active => {}
        Phase::Draft | Phase::Closed => return Err(PaymentsError::CannotBePaid(case.phase)),
    }
    let settling = settling::look_up(conn, by, &case, engagement.agency_id).await?;
    let said = Declaration {
        amount: found.amount,
        received_on: found.received_on,
        bank_reference: found.bank_reference.to_owned(),
        route: Some(route),
    };
    check(by, &case, &settling, &said, engagement.in_flight_minor)?;
    let mut payment = said.payment(by, &case, engagement, side, route);
    payment.bank_entry = Some(found.entry);
    enter(conn, by, house, case, payment, settling).await
}

fn around(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let apart = Days::new(DAYS_APART);
    (day.checked_sub_days(apart).unwrap_or(day), day.checked_add_days(apart).unwrap_or(day))
}

/// What was declared is proven. One that waits for an answer is confirmed where the account is the creditor's.
async fn prove(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    case: cases::Case,
    mut known: Payment,
    found: &Found<'_>,
) -> Result<Payment, PaymentsError> {
    store::set_proven(conn, known.id, found.entry).await?;
    known.bank_entry = Some(found.entry);
    if known.status != PaymentStatus::Declared || found.owner != known.creditor {
        return Ok(known);
    }
    let settling = settling::look_up(conn, by, &case, known.agency).await?;
    settling::settle(conn, by, house, case, known, settling, None).await
}
