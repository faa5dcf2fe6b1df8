//! The holder of a payment says that a payout went.

use serde_json::json;

use super::{PaymentsError, find, settling::record_for};
use crate::{
    cases::{self, EventKind},
    db::{By, Conn},
    settlement::{self, Payout, Remittance, SettlementError},
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
    let data = json!({
        "payout_id": id, "payment_id": payout.payment_id, "payer_id": payout.payer_id, "payee_id": payout.payee_id,
        "amount_minor": payout.amount.minor, "currency": payout.amount.currency, "paid_on": remittance.paid_on, "settled": paid.settled,
    });
    record_for(&mut case, by, payment.agency, EventKind::PayoutPaid, data);
    cases::save(conn, by, &mut case).await?;
    Ok(paid.payout)
}
