//! The operator gives a payment back. The books follow when Stripe has done it, not before.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{jobs::Refund, store};
use crate::{
    cases::{self, EventKind},
    db::{By, Conn},
    jobs,
    payments::{PaymentStatus, PaymentsError, Route, find, settling::record_for},
    types::{Money, PaymentId},
};

const REASON_MAX_CHARS: usize = 2_000;

/// A refund that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefundAsked {
    pub payment_id: PaymentId,
    pub amount: Money,
}

/// Asks for a refund. Under `Scope::System`: the caller has seen that the operator asks.
///
/// # Errors
/// Not paid through Stripe; not confirmed; more than the payment, or another currency; no reason.
pub async fn ask(
    conn: &mut Conn<'_>,
    by: &By,
    id: PaymentId,
    amount: Option<Money>,
    reason: &str,
) -> Result<RefundAsked, PaymentsError> {
    if !(1..=REASON_MAX_CHARS).contains(&reason.trim().chars().count()) {
        return Err(PaymentsError::Reason("/reason"));
    }
    let seen = find(conn, by, id).await?;
    let mut case = cases::lock(conn, by, seen.case).await?;
    let payment = find(conn, by, id).await?;
    payment.must_be(PaymentStatus::Confirmed)?;
    let checkout = store::find_checkout_of(conn, id).await?.filter(|_| payment.route == Route::Stripe);
    let checkout = checkout.ok_or(PaymentsError::NotRefundable)?;
    let amount = amount.unwrap_or(payment.amount);
    if amount.currency != payment.amount.currency || !amount.is_positive() || amount.minor > payment.amount.minor {
        return Err(PaymentsError::RefundAmount(payment.amount));
    }
    let due = Refund { checkout_id: checkout, amount, key: id.to_string() };
    jobs::enqueue(conn, Refund::KIND, &due, by.at).await?;
    let data = json!({ "payment_id": id, "amount_minor": amount.minor, "currency": amount.currency, "reason": reason.trim() });
    record_for(&mut case, by, payment.agency, EventKind::RefundAsked, data);
    cases::save(conn, by, &mut case).await?;
    Ok(RefundAsked { payment_id: id, amount })
}
