//! What a payee has to give back is taken off what the same holder owes it next: a negative balance is recovered from the
//! payouts that follow, and only the rest moves through banks.
//!
//! What may never happen here: money set off twice, or against a payout that a bank was told of.
//!
//! Lock order: the payout, then the returns by id. The caller holds the case of the payout.

use super::{
    PaidOut, Payout, SettlementError,
    payouts::{draw_when_last, shares_of},
    shares::Shares,
    store,
};
use crate::{
    db::{By, Conn, DbError},
    ledger::{self, Posting, PostingRefusal},
    types::{Currency, Money, OrgId, PayoutId},
};

/// Payouts of `payer` to `payee` that wait and that no bank was told of, oldest first.
///
/// # Errors
/// The database fails.
pub async fn list_open(conn: &mut Conn<'_>, payer: OrgId, payee: OrgId, currency: Currency) -> Result<Vec<PayoutId>, DbError> {
    store::list_open(conn, payer, payee, currency).await
}

/// Those payees of fresh payouts that have to give something back to the same holder.
///
/// # Errors
/// The database fails.
pub async fn owing_back(conn: &mut Conn<'_>, payouts: &[Payout]) -> Result<Vec<OrgId>, DbError> {
    let Some(first) = payouts.first() else { return Ok(Vec::new()) };
    let payees = payouts.iter().map(|payout| payout.payee_id).collect();
    store::list_owing_back(conn, first.payer_id, payees, first.amount.currency).await
}

/// Sets a payout off against what its payee has to give back. `None`: nothing of it could be, or some of it still leaves.
///
/// # Errors
/// The database fails.
pub async fn set_off(conn: &mut Conn<'_>, by: &By, id: PayoutId) -> Result<Option<PaidOut>, SettlementError> {
    let Some(mut payout) = store::lock_open(conn, id).await? else { return Ok(None) };
    let (_, shares) = shares_of(conn, payout.payer_id, payout.payment_id).await?;
    let on = by.at.date_naive();
    for back in store::lock_returns(conn, &payout).await? {
        let amount = Money::new(payout.leaves().minor.min(back.leaves().minor), payout.amount.currency);
        if !amount.is_positive() {
            break;
        }
        let (_, returned) = shares_of(conn, back.payee_id, back.payment_id).await?;
        store::insert_set_off(conn, (payout.id, back.id), amount, on, by.at).await?;
        if let Some(posting) = meeting((&payout, &shares), (&back, &returned), amount)? {
            ledger::post(conn, by, &posting).await?;
        }
        payout.set_off = payout.set_off.checked_add(amount)?;
    }
    if payout.leaves().is_positive() {
        return Ok(None);
    }
    let settled = draw_when_last(conn, by, payout.payment_id, &shares).await?;
    Ok(Some(PaidOut { payout, settled }))
}

/// The posting of a set-off. `None`, as a rule: what is got and what is given back stand on the same account, which shows the
/// difference already. The platform's part stands on two accounts, which may have to be evened out.
fn meeting(
    (payout, due): (&Payout, &Shares),
    (back, returned): (&Payout, &Shares),
    amount: Money,
) -> Result<Option<Posting>, PostingRefusal> {
    let subject = format!("{}/{}", payout.id, back.id);
    let stretch = |from: Money| (from.minor, from.minor.saturating_add(amount.minor));
    let draft = due.out(Posting::about("payout.set_off", subject), payout.payee_id, stretch(payout.set_off));
    match returned.back(draft, back.payer_id, stretch(back.set_off)).balanced() {
        Ok(posting) => Ok(Some(posting)),
        Err(PostingRefusal::Empty) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
