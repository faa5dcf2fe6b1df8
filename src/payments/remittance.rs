//! The holder of a payment says that a payout went, or it is set off.

use chrono::NaiveDate;
use serde_json::json;

use super::{Payment, PaymentsError, Route, find, jobs::SetOff, settling::record_for};
use crate::{
    cases::{self, Case, EventKind},
    db::{By, Conn},
    jobs,
    settlement::{self, PaidOut, Payout, Remittance, SentBack, SettlementError},
    types::{OrgId, PayoutId},
};

/// `org` says that it paid a payout; the ledger follows, and the case's timeline tells of it. Under `Scope::System`.
///
/// # Errors
/// Not visible; not the payer; paid already; a day to come or before the money came; Stripe's to move.
pub async fn remit(
    conn: &mut Conn<'_>,
    by: &By,
    org: OrgId,
    id: PayoutId,
    remittance: &Remittance,
) -> Result<Payout, PaymentsError> {
    let payout = of_payer(conn, by, org, id).await?;
    let payment = find(conn, by, payout.payment_id).await?;
    if payment.route == Route::Stripe {
        return Err(PaymentsError::ProviderSays);
    }
    moved(conn, by, (&payout, &payment), remittance).await
}

/// A payout went: the ledger follows, and the case's timeline tells of it.
///
/// # Errors
/// Paid already; a day to come or before the money came.
pub(super) async fn moved(
    conn: &mut Conn<'_>,
    by: &By,
    (payout, payment): (&Payout, &Payment),
    remittance: &Remittance,
) -> Result<Payout, PaymentsError> {
    let mut case = cases::lock(conn, by, payout.case_id).await?;
    let paid = settlement::pay_out(conn, by, payout, remittance).await?;
    tell(conn, by, &mut case, payment, &paid, remittance.paid_on).await?;
    Ok(paid.payout)
}

/// Sets a payout off against what its payee has to give back to the holder. Under `Scope::System`.
///
/// # Errors
/// The database fails.
pub async fn set_off(conn: &mut Conn<'_>, by: &By, id: PayoutId) -> Result<(), PaymentsError> {
    let payout = settlement::payouts::find_payout(conn, by, id).await?;
    let payment = find(conn, by, payout.payment_id).await?;
    let mut case = cases::lock(conn, by, payout.case_id).await?;
    let Some(met) = settlement::set_off::set_off(conn, by, id).await? else { return Ok(()) };
    tell(conn, by, &mut case, &payment, &met, by.at.date_naive()).await
}

/// `org` says that a bank sent a payout back: it is owed again. Under `Scope::System`.
///
/// # Errors
/// Not visible; not the payer; it has not gone; a day to come or before it went; no reason.
pub async fn send_back(conn: &mut Conn<'_>, by: &By, org: OrgId, id: PayoutId, back: &SentBack) -> Result<Payout, PaymentsError> {
    let seen = of_payer(conn, by, org, id).await?;
    let payment = find(conn, by, seen.payment_id).await?;
    if payment.route == Route::Stripe {
        return Err(PaymentsError::ProviderSays);
    }
    came_back(conn, by, &payment, id, back).await
}

/// The money of a payout is where it was before: another one takes its place.
///
/// # Errors
/// It has not gone; a day to come or before it went; no reason.
pub(super) async fn came_back(
    conn: &mut Conn<'_>,
    by: &By,
    payment: &Payment,
    id: PayoutId,
    back: &SentBack,
) -> Result<Payout, PaymentsError> {
    let mut case = cases::lock(conn, by, payment.case).await?;
    let payout = settlement::payouts::find_payout(conn, by, id).await?;
    let again = settlement::payouts::come_back(conn, by, &payout, back).await?;
    let due = SetOff { payer_id: again.payer_id, payee_id: again.payee_id, currency: again.amount.currency };
    jobs::enqueue(conn, SetOff::KIND, &due, by.at).await?;
    let data = json!({
        "payout_id": id, "again_id": again.id, "payment_id": again.payment_id, "payer_id": again.payer_id, "payee_id": again.payee_id,
        "amount_minor": again.leaves().minor, "currency": again.amount.currency, "returned_on": back.returned_on, "reason": back.reason.trim(),
    });
    record_for(&mut case, by, payment.agency, EventKind::PayoutReturned, data);
    cases::save(conn, by, &mut case).await?;
    Ok(again)
}

async fn of_payer(conn: &mut Conn<'_>, by: &By, org: OrgId, id: PayoutId) -> Result<Payout, PaymentsError> {
    let payout = settlement::payouts::find_payout(conn, by, id).await?;
    match org {
        payer if payer == payout.payer_id => Ok(payout),
        payee if payee == payout.payee_id => Err(SettlementError::NotPayer.into()),
        _ => Err(SettlementError::NotFound.into()),
    }
}

async fn tell(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    payment: &Payment,
    paid: &PaidOut,
    paid_on: NaiveDate,
) -> Result<(), PaymentsError> {
    let PaidOut { payout, settled } = paid;
    let data = json!({
        "payout_id": payout.id, "payment_id": payout.payment_id, "payer_id": payout.payer_id, "payee_id": payout.payee_id,
        "amount_minor": payout.amount.minor, "set_off_minor": payout.set_off.minor, "currency": payout.amount.currency,
        "paid_on": paid_on, "settled": settled,
    });
    record_for(case, by, payment.agency, EventKind::PayoutPaid, data);
    Ok(cases::save(conn, by, case).await?)
}
