//! Payouts of money at Stripe: transfers to connected accounts, and their reversals where a payment was taken back.
//!
//! What may never happen here: a payout transferred twice. Its row is written and it is marked as sent before Stripe is asked;
//! what has no answer is looked up by the payout's id before it is asked for again; a new key is taken only after a refusal.

use chrono::TimeDelta;

use super::{
    gateway::{Gateway, NotDone, Sending},
    jobs::Transfer as Due,
    store,
};
use crate::{
    cases::{self, HoldKind},
    db::{By, Conn},
    jobs,
    payments::{Payment, PaymentsError, Route, find, jobs::SetOff, remittance},
    settlement::{Payout, PayoutStatus, Remittance, SentBack, payouts::find_payout, preferences},
    types::{Money, PayoutId},
};

/// A payout that must not leave yet is looked at again every day.
const LOOK_AGAIN: TimeDelta = TimeDelta::days(1);

/// A payout that Stripe was told of, or is about to be.
#[derive(Debug, Clone)]
pub struct Sent {
    pub payout: PayoutId,
    /// The connected account.
    pub destination: String,
    pub amount: Money,
    /// The transfer that is taken back.
    pub reverses: Option<String>,
    /// Stripe's own id of it, once it is done.
    pub provider_id: Option<String>,
    pub tries: i32,
}

/// What is to be asked of Stripe.
#[derive(Debug)]
pub struct Order {
    pub sent: Sent,
    pub charge: Option<String>,
    /// It may have been asked for before: Stripe is asked first whether it has it.
    pub is_known: bool,
}

/// Makes a payout ready to leave, and writes down that it leaves. `None`: not now, or not any more.
///
/// # Errors
/// The database fails.
pub async fn prepare(conn: &mut Conn<'_>, by: &By, id: PayoutId) -> Result<Option<Order>, PaymentsError> {
    let seen = find_payout(conn, by, id).await?;
    let payment = find(conn, by, seen.payment_id).await?;
    cases::lock(conn, by, payment.case).await?;
    let payout = find_payout(conn, by, id).await?;
    if payout.status != PayoutStatus::Due || payment.route != Route::Stripe {
        return Ok(None);
    }
    let charge = match store::find_checkout_of(conn, payment.id).await? {
        Some(checkout) => store::find_checkout(conn, checkout).await?.and_then(|checkout| checkout.charge),
        None => None,
    };
    if let Some(sent) = store::find_in_flight(conn, id).await? {
        return Ok(Some(Order { sent, charge, is_known: true }));
    }
    if !payout.is_return {
        // What the payee has to give back is taken off first.
        remittance::set_off(conn, by, id).await?;
    }
    let payout = find_payout(conn, by, id).await?;
    if payout.status != PayoutStatus::Due {
        return Ok(None);
    }
    let way = if payout.is_return { way_back(conn, by, &payout).await? } else { way_out(conn, by, &payout, &payment).await? };
    let Some((destination, reverses)) = way else { return Ok(None) };
    let Some(leaves_minor) = store::mark_sent(conn, id, by.at).await? else { return Ok(None) };
    let leaves = Money::new(leaves_minor, payout.amount.currency);
    let sent = store::write_sent(conn, id, &destination, leaves, reverses.as_deref(), by.at).await?;
    Ok(Some(Order { sent, charge, is_known: false }))
}

/// The payee's account, if the payout may leave.
async fn way_out(
    conn: &mut Conn<'_>,
    by: &By,
    payout: &Payout,
    payment: &Payment,
) -> Result<Option<(String, Option<String>)>, PaymentsError> {
    let account = store::find_account(conn, payout.payee_id).await?.filter(|account| account.is_ready);
    // Its job comes again when the account is ready.
    let Some(account) = account.and_then(|account| account.account_id) else { return Ok(None) };
    let today = by.at.date_naive();
    let disputed = cases::running_holds(conn, payout.case_id, by.at).await?.iter().any(|hold| hold.kind == HoldKind::Dispute);
    let wish = preferences::find(conn, payout.payee_id).await?.setting;
    if !payout.leaves().is_positive() {
        return Ok(None);
    }
    if disputed || !wish.leaves_on(today, payment.received_on) {
        jobs::enqueue(conn, Due::KIND, &Due { payout_id: payout.id }, by.at + LOOK_AGAIN).await?;
        return Ok(None);
    }
    Ok(Some((account, None)))
}

/// The transfer that is to be taken back, where it brought all that is owed back; else that is set off against what comes next.
async fn way_back(conn: &mut Conn<'_>, by: &By, payout: &Payout) -> Result<Option<(String, Option<String>)>, PaymentsError> {
    let origin = store::find_origin(conn, payout.payment_id, payout.payer_id).await?;
    match origin {
        Some(origin) if origin.provider_id.is_none() => {
            // Stripe has not said yet whether the money went.
            jobs::enqueue(conn, Due::KIND, &Due { payout_id: payout.id }, by.at + TimeDelta::minutes(1)).await?;
            Ok(None)
        }
        Some(origin) if origin.amount.minor >= payout.leaves().minor && payout.leaves().is_positive() => {
            Ok(Some((origin.destination, origin.provider_id)))
        }
        Some(_) | None => {
            set_off_instead(conn, by, payout).await?;
            Ok(None)
        }
    }
}

async fn set_off_instead(conn: &mut Conn<'_>, by: &By, payout: &Payout) -> Result<(), PaymentsError> {
    let due = SetOff { payer_id: payout.payee_id, payee_id: payout.payer_id, currency: payout.amount.currency };
    Ok(jobs::enqueue(conn, SetOff::KIND, &due, by.at).await?)
}

/// Asks Stripe, outside any transaction: the id of what was done.
///
/// # Errors
/// See [`NotDone`].
pub async fn carry_out(gateway: Gateway<'_>, order: &Order) -> Result<String, NotDone> {
    let Order { sent, charge, is_known } = order;
    let sending = Sending {
        payout: sent.payout,
        amount: sent.amount,
        destination: &sent.destination,
        // Stripe refuses more out of a charge than it brought, also where some of it came back: then it comes out of the balance.
        charge: charge.as_deref().filter(|_| sent.tries == 1),
        tries: sent.tries,
    };
    if let Some(transfer) = &sent.reverses {
        if *is_known && let Some(found) = gateway.find_reversal(transfer, sent.payout).await? {
            return Ok(found.id);
        }
        return Ok(gateway.reverse(transfer, &sending).await?.id);
    }
    if *is_known && let Some(found) = gateway.find_transfer(sent.payout).await? {
        return Ok(found.id);
    }
    Ok(gateway.transfer(&sending).await?.id)
}

/// Stripe has done it: the books follow.
///
/// # Errors
/// The database fails.
pub async fn done(conn: &mut Conn<'_>, by: &By, id: PayoutId, provider_id: &str) -> Result<(), PaymentsError> {
    let seen = find_payout(conn, by, id).await?;
    let payment = find(conn, by, seen.payment_id).await?;
    cases::lock(conn, by, payment.case).await?;
    let payout = find_payout(conn, by, id).await?;
    if payout.status != PayoutStatus::Due {
        return Ok(());
    }
    store::set_done(conn, id, provider_id).await?;
    let remittance = Remittance { paid_on: by.at.date_naive().max(payment.received_on), bank_reference: provider_id.to_owned() };
    remittance::moved(conn, by, (&payout, &payment), &remittance).await.map(|_| ())
}

/// Stripe has refused: nothing moved, the payout is free again. What cannot be taken back is set off against what comes next.
///
/// # Errors
/// The database fails.
pub async fn refused(conn: &mut Conn<'_>, by: &By, id: PayoutId, said: &str) -> Result<(), PaymentsError> {
    store::set_refused(conn, id, said).await?;
    store::free_sent(conn, id).await?;
    let payout = find_payout(conn, by, id).await?;
    if payout.is_return && payout.status == PayoutStatus::Due {
        set_off_instead(conn, by, &payout).await?;
    }
    Ok(())
}

/// A transfer was reversed at Stripe by somebody else than us, whole: its payout is owed again. Answers what became of it.
///
/// # Errors
/// The database fails.
pub async fn reversed(conn: &mut Conn<'_>, by: &By, transfer: &super::answers::Transfer) -> Result<String, PaymentsError> {
    let Some(sent) = store::find_by_provider(conn, &transfer.id).await? else { return Ok("no transfer of ours".to_owned()) };
    if transfer.amount_reversed == 0 || store::is_reversed_by_us(conn, &transfer.id).await? {
        return Ok("known".to_owned());
    }
    if transfer.amount_reversed < transfer.amount {
        return Ok("reversed in part at Stripe: for a person to look at".to_owned());
    }
    let payout = find_payout(conn, by, sent.payout).await?;
    if payout.status != PayoutStatus::Paid {
        return Ok(format!("its payout is {} already", payout.status));
    }
    let payment = find(conn, by, payout.payment_id).await?;
    let back = SentBack {
        returned_on: by.at.date_naive().max(payout.paid_on.unwrap_or_default()),
        reason: format!("Stripe reversed {}", transfer.id),
    };
    let again = remittance::came_back(conn, by, &payment, payout.id, &back).await?;
    jobs::enqueue(conn, Due::KIND, &Due { payout_id: again.id }, by.at + LOOK_AGAIN).await?;
    Ok(format!("its payout is owed again as {}", again.id))
}
