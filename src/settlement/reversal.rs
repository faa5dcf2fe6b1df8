//! A payment was taken back: its fees are credited, payouts that wait are cancelled, those that went come back to the holder.
//!
//! The books never forget that it was there: it is taken back by postings of its own, and until a payee has given back what
//! it got, its account shows what it owes.

use chrono::NaiveDate;

use super::{
    Payout, PayoutStatus, SettlementError,
    payouts::{due_on, shares_of},
    store,
};
use crate::{
    db::{By, Conn},
    ledger,
    types::{Money, OrgId, PaymentId, PayoutId},
};

/// A payment as it is taken back.
#[derive(Debug, Clone, Copy)]
pub struct TakenBack {
    pub payment: PaymentId,
    /// In whose bank account it was, or balance at Stripe.
    pub holder: OrgId,
    pub on: NaiveDate,
    /// Days within which the others give back what they got.
    pub payout_days: u32,
}

/// Books it; answers with what comes back to the holder. The caller holds the case.
///
/// # Errors
/// The database fails.
pub async fn reverse(conn: &mut Conn<'_>, by: &By, taken: &TakenBack) -> Result<Vec<Payout>, SettlementError> {
    let (_, shares) = shares_of(conn, taken.holder, taken.payment).await?;
    let was_drawn = match shares.drawn(taken.payment)? {
        Some(drawn) => ledger::is_posted(conn, &drawn).await?,
        None => false,
    };
    store::cancel_free(conn, taken.payment).await?;
    store::credit_fees(conn, taken.payment, taken.on).await?;
    let went = store::list_payouts_of_payment(conn, taken.payment).await?;
    let returns: Vec<Payout> = went
        .into_iter()
        .filter(|payout| payout.status != PayoutStatus::Returned)
        .filter(|payout| payout.status != PayoutStatus::Cancelled || payout.set_off.is_positive())
        .map(|payout| back(by, taken, payout))
        .collect();
    store::insert_returns(conn, &returns).await?;
    ledger::post(conn, by, &shares.reversed(taken.payment)?).await?;
    let put_back = if was_drawn { shares.put_back(taken.payment)? } else { None };
    if let Some(put_back) = put_back {
        ledger::post(conn, by, &put_back).await?;
    }
    Ok(returns)
}

/// The way back of a payout that went, or that a bank has been told of; of a cancelled one, of what had been set off.
fn back(by: &By, taken: &TakenBack, went: Payout) -> Payout {
    let amount = if went.status == PayoutStatus::Cancelled { went.set_off } else { went.amount };
    Payout {
        amount,
        set_off: Money::zero(amount.currency),
        id: PayoutId::fresh(),
        payer_id: went.payee_id,
        payee_id: went.payer_id,
        due_on: due_on(taken.on, by.at.date_naive(), taken.payout_days),
        status: PayoutStatus::Due,
        bank_reference: None,
        paid_on: None,
        is_return: true,
        batch_id: None,
        version: 1,
        created_at: by.at,
        ..went
    }
}
