//! The holder of a payment says that a payout went, or it is set off.

use chrono::NaiveDate;
use serde_json::json;

use super::{Payment, PaymentsError, find, settling::record_for};
use crate::{
    cases::{self, Case, EventKind},
    db::{By, Conn},
    settlement::{self, PaidOut, Payout, Remittance, SettlementError},
    types::{OrgId, PayoutId},
};

/// `org` says that it paid a payout; the ledger follows, and the case's timeline tells of it. Under `Scope::System`.
///
/// # Errors
/// Not visible; not the payer; paid already; a day to come or before the money came.
pub async fn remit(
    conn: &mut Conn<'_>,
    by: &By,
    org: OrgId,
    id: PayoutId,
    remittance: &Remittance,
) -> Result<Payout, PaymentsError> {
    let payout = settlement::payouts::find_payout(conn, by, id).await?;
    if payout.payer_id != org {
        return Err(if payout.payee_id == org { SettlementError::NotPayer } else { SettlementError::NotFound }.into());
    }
    let payment = find(conn, by, payout.payment_id).await?;
    let mut case = cases::lock(conn, by, payout.case_id).await?;
    let paid = settlement::pay_out(conn, by, &payout, remittance).await?;
    tell(conn, by, &mut case, &payment, &paid, remittance.paid_on).await?;
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
