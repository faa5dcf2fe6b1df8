//! The platform's balance as Stripe keeps it, line by line: what Stripe charges is booked from here, and the daily
//! reconciliation holds the ledger against the rest.

use super::{answers::Movement, store};
use crate::{
    db::{By, Conn, DbError},
    ledger::{self, AccountKind, Posting, PostingRefusal, posting::Draft},
    parties,
    payments::PaymentsError,
    settlement::SettlementError,
    types::{Currency, Money, OrgId},
};

/// Whether a line moves the platform's own money: its withdrawals to its bank, what Stripe bills it. What payments, refunds,
/// disputes and transfers move is booked by their own commands.
#[must_use]
pub fn is_own(kind: &str) -> bool {
    const OTHERS: [&str; 11] = [
        "adjustment",
        "charge",
        "payment",
        "payment_failure_refund",
        "payment_refund",
        "payment_reversal",
        "refund",
        "refund_failure",
        "transfer",
        "transfer_failure",
        "transfer_refund",
    ];
    !OTHERS.contains(&kind)
}

/// Keeps a line and books what of it is the platform's own. One that is known changes nothing; in a currency that the house does
/// not know, nothing is booked.
///
/// # Errors
/// The database fails.
pub async fn take(conn: &mut Conn<'_>, by: &By, movement: &Movement) -> Result<(), PaymentsError> {
    let Ok(currency) = movement.currency.to_ascii_uppercase().parse::<Currency>() else {
        tracing::error!(movement = movement.id, currency = movement.currency, "Stripe's balance moved in an unknown currency");
        return Ok(());
    };
    let is_own = is_own(&movement.kind);
    if !store::insert_movement(conn, movement, currency, is_own).await? {
        return Ok(());
    }
    let operator = parties::operator(conn).await.map_err(|_| PaymentsError::NoOperator)?.id;
    let fee = own(Posting::about("stripe.fee", &movement.id), operator, Money::new(movement.fee.saturating_neg(), currency));
    post(conn, by, fee).await?;
    if is_own {
        let moved = own(Posting::about("stripe.own", &movement.id), operator, Money::new(movement.amount, currency));
        post(conn, by, moved).await?;
    }
    Ok(())
}

/// Into the balance, or, below nothing, out of it.
fn own(draft: Draft, operator: OrgId, amount: Money) -> Draft {
    let size = Money::new(amount.minor.saturating_abs(), amount.currency);
    if amount.minor < 0 {
        draft.debit(operator, AccountKind::Own, size).credit(operator, AccountKind::Stripe, size)
    } else {
        draft.debit(operator, AccountKind::Stripe, size).credit(operator, AccountKind::Own, size)
    }
}

async fn post(conn: &mut Conn<'_>, by: &By, draft: Draft) -> Result<(), PaymentsError> {
    match draft.balanced() {
        Ok(posting) => ledger::post(conn, by, &posting).await.map(|_| ()).map_err(DbError::into),
        Err(PostingRefusal::Empty) => Ok(()),
        Err(refusal) => Err(SettlementError::from(refusal).into()),
    }
}
