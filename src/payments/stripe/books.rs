//! The books follow a payment at Stripe: from what stands there now, whatever happened in between.
//!
//! What may never happen here: an event believed where Stripe's present answer is needed; more in the books than stands at
//! Stripe, or less; a surplus kept. Done twice with the same answer nothing moves the second time.

use chrono::{NaiveDate, TimeDelta};

use super::{
    checkouts::{Checkout, CheckoutStatus, find as find_checkout},
    jobs::Refund,
    seen::{Progress, Seen},
    store,
};
use crate::{
    cases::{self, Case, Phase},
    db::{By, Conn},
    jobs,
    ledger::{self, AccountKind, Posting},
    parties,
    payments::{
        Declaration, House, Payment, PaymentStatus, PaymentsError, Reversal, Route, Side, answer, debt, declaration, find,
        reversal, settling, store as payments_store,
    },
    types::{CheckoutId, Money, clock::day_in},
};

/// Direct debits take some working days (SEPA core: up to 14 days with all its retries).
const DEBIT_TAKES: TimeDelta = TimeDelta::days(14);
/// A surplus that keeps coming back is for a person.
const REFUNDED_BY_ITSELF: i32 = 6;

/// Brings the books of an attempt into line with what Stripe has of it. Under `Scope::System`.
///
/// # Errors
/// There is no such attempt; the database fails.
pub async fn follow(conn: &mut Conn<'_>, by: &By, house: &House, id: CheckoutId, seen: &Seen) -> Result<(), PaymentsError> {
    let known = find_checkout(conn, id).await?;
    let case = cases::lock(conn, by, known.case).await?;
    let checkout = find_checkout(conn, id).await?;
    if let Some(other) = seen.currency.as_deref().filter(|currency| *currency != checkout.amount.currency.code()) {
        tracing::error!(checkout = %id, other, "a payment at Stripe is in another currency than its case: not booked");
        let said = format!("paid in {other}, while the case is in {}: not booked", checkout.amount.currency);
        return Ok(store::set_said(conn, id, &said).await?);
    }
    let status = match seen.progress {
        Progress::Waiting if checkout.status == CheckoutStatus::Started => CheckoutStatus::Started,
        Progress::Waiting => CheckoutStatus::Open,
        Progress::Processing => CheckoutStatus::Processing,
        Progress::Paid => CheckoutStatus::Paid,
        Progress::Over => CheckoutStatus::Over,
    };
    store::set_seen(conn, id, status, seen).await?;
    match seen.progress {
        Progress::Waiting => Ok(()),
        Progress::Processing => await_debit(conn, by, case, &checkout, seen).await,
        Progress::Over => let_go(conn, by, &checkout, seen).await,
        Progress::Paid => line_up(conn, by, house, checkout, seen).await,
    }
}

/// A direct debit is on its way: nobody writes to the debtor until the bank has answered.
async fn await_debit(conn: &mut Conn<'_>, by: &By, case: Case, checkout: &Checkout, seen: &Seen) -> Result<(), PaymentsError> {
    if !store::list_booked(conn, checkout.id).await?.is_empty() {
        return Ok(());
    }
    let coming = Money::new(seen.stands_minor, checkout.amount.currency);
    let Some(entry) = entry_for(conn, by, &case, checkout, coming, seen).await? else { return Ok(()) };
    let id = entry.payment.id;
    declaration::await_provider(conn, by, case, entry.payment, by.at + DEBIT_TAKES).await?;
    store::set_checkout_of(conn, id, checkout.id).await?;
    store::set_moved(conn, checkout.id, checkout.surplus).await?;
    Ok(())
}

/// Nothing comes: what was awaited is dropped, and whoever pursues the case goes on.
async fn let_go(conn: &mut Conn<'_>, by: &By, checkout: &Checkout, seen: &Seen) -> Result<(), PaymentsError> {
    let why = seen.why.as_deref().unwrap_or("the payment was not made");
    for id in store::list_booked(conn, checkout.id).await? {
        let payment = find(conn, by, id).await?;
        if payment.status == PaymentStatus::Declared {
            answer::reject(conn, by, payment, why).await?;
        }
    }
    Ok(())
}

async fn line_up(conn: &mut Conn<'_>, by: &By, house: &House, checkout: Checkout, seen: &Seen) -> Result<(), PaymentsError> {
    let stands = Money::new(seen.stands_minor, checkout.amount.currency);
    let mut booked = Vec::new();
    for id in store::list_booked(conn, checkout.id).await? {
        let payment = find(conn, by, id).await?;
        match payment.status {
            PaymentStatus::Declared => booked.extend(arrived(conn, by, house, payment, stands).await?),
            PaymentStatus::Confirmed | PaymentStatus::Contested | PaymentStatus::Rejected | PaymentStatus::Reversed => {
                booked.push(payment);
            }
        }
    }
    let spent = Money::sum(stands.currency, booked.iter().map(|payment| payment.amount))?;
    let has = spent.checked_add(checkout.surplus)?;
    let differs = stands.checked_sub(has)?;
    if differs.is_positive() {
        enter(conn, by, house, &checkout, differs, seen).await
    } else if differs.minor < 0 {
        give_back(conn, by, house, checkout, booked, Money::zero(stands.currency).checked_sub(differs)?, seen).await
    } else {
        Ok(())
    }
}

/// The direct debit that was awaited has come. `None`: it cannot be spent as it was announced, and is entered anew.
async fn arrived(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    awaited: Payment,
    stands: Money,
) -> Result<Option<Payment>, PaymentsError> {
    let case = cases::lock(conn, by, awaited.case).await?;
    let settling = settling::look_up(conn, by, &case, awaited.agency).await?;
    let owed = debt::open_on(&settling.terms, &debt::whole(&settling.invoices), awaited.received_on)?;
    let owed = debt::total(&owed, case.currency)?;
    if awaited.amount.minor > owed.minor || awaited.amount.minor > stands.minor || !may_be_paid(case.phase) {
        answer::reject(conn, by, awaited, "what came is another amount than was announced, or than is owed by now").await?;
        return Ok(None);
    }
    settling::settle(conn, by, house, case, awaited, settling, None).await.map(Some)
}

/// A payment on what is owed, and what is left over.
struct Entry {
    payment: Payment,
    settling: settling::Settling,
}

const fn may_be_paid(phase: Phase) -> bool {
    match phase {
        Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Active => true,
        Phase::Draft | Phase::Closed => false,
    }
}

/// As much of `came` as is owed, as a payment. `None`: nothing is owed, or the case cannot be paid any more.
async fn entry_for(
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    checkout: &Checkout,
    came: Money,
    seen: &Seen,
) -> Result<Option<Entry>, PaymentsError> {
    if !may_be_paid(case.phase) {
        return Ok(None);
    }
    let engagement = payments_store::find_engagement(conn, case.id, seen.paid_at.unwrap_or(by.at).date_naive()).await?;
    let settling = settling::look_up(conn, by, case, engagement.agency_id).await?;
    let today = day_in(settling.terms.country.time_zone(), by.at);
    let paid_on: NaiveDate = seen.paid_at.map_or(today, |at| day_in(settling.terms.country.time_zone(), at)).min(today);
    let owed = debt::total(&debt::open_on(&settling.terms, &debt::whole(&settling.invoices), paid_on)?, case.currency)?;
    let amount = Money::new(came.minor.min(owed.minor), came.currency);
    if !amount.is_positive() {
        return Ok(None);
    }
    let intent = seen.intent.clone().unwrap_or_default();
    let bank_reference = if checkout.moves == 0 { intent } else { format!("{intent}/{}", checkout.moves) };
    let said = Declaration { amount, received_on: paid_on, bank_reference, route: Some(Route::Stripe) };
    Ok(Some(Entry { payment: said.payment(by, case, engagement, Side::Provider, Route::Stripe), settling }))
}

/// Money came: what is owed is a payment, the rest goes back.
async fn enter(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    checkout: &Checkout,
    came: Money,
    seen: &Seen,
) -> Result<(), PaymentsError> {
    let case = cases::lock(conn, by, checkout.case).await?;
    let mut rest = came;
    if let Some(Entry { payment, settling }) = entry_for(conn, by, &case, checkout, came, seen).await? {
        rest = came.checked_sub(payment.amount)?;
        let payment = declaration::enter(conn, by, house, case, payment, settling).await?;
        store::set_checkout_of(conn, payment.id, checkout.id).await?;
    }
    let moves = store::set_moved(conn, checkout.id, checkout.surplus.checked_add(rest)?).await?;
    if !rest.is_positive() {
        return Ok(());
    }
    let operator = parties::operator(conn).await.map_err(|_| PaymentsError::NoOperator)?.id;
    let posting = Posting::about("stripe.surplus", format!("{}/{moves}", checkout.id))
        .debit(operator, AccountKind::Stripe, rest)
        .credit(operator, AccountKind::Suspense, rest);
    ledger::post(conn, by, &posting.balanced().map_err(crate::settlement::SettlementError::from)?).await?;
    if moves > REFUNDED_BY_ITSELF {
        tracing::error!(checkout = %checkout.id, "a surplus keeps coming back: somebody has to look at it");
        return Ok(());
    }
    let due = Refund { checkout_id: checkout.id, amount: rest, key: format!("{}/refund/{moves}", checkout.id) };
    Ok(jobs::enqueue(conn, Refund::KIND, &due, by.at).await?)
}

/// Money left again: a surplus first, then payments, the latest first. What is left of a payment is entered anew.
async fn give_back(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    mut checkout: Checkout,
    mut booked: Vec<Payment>,
    left: Money,
    seen: &Seen,
) -> Result<(), PaymentsError> {
    let of_surplus = Money::new(left.minor.min(checkout.surplus.minor), left.currency);
    checkout.surplus = checkout.surplus.checked_sub(of_surplus)?;
    checkout.moves = store::set_moved(conn, checkout.id, checkout.surplus).await?;
    if of_surplus.is_positive() {
        let operator = parties::operator(conn).await.map_err(|_| PaymentsError::NoOperator)?.id;
        let posting = Posting::about("stripe.refunded", format!("{}/{}", checkout.id, checkout.moves))
            .debit(operator, AccountKind::Suspense, of_surplus)
            .credit(operator, AccountKind::Stripe, of_surplus);
        ledger::post(conn, by, &posting.balanced().map_err(crate::settlement::SettlementError::from)?).await?;
    }
    let mut left = left.checked_sub(of_surplus)?;
    while left.is_positive() {
        let Some(last) = booked.pop() else { break };
        left = left.checked_sub(last.amount)?;
        let case = cases::lock(conn, by, last.case).await?;
        let today = by.at.date_naive().max(last.received_on);
        let why = seen.why.clone().unwrap_or_else(|| "it went back".to_owned());
        let taken_back = Reversal { reversed_on: today, reason: format!("Stripe: {why}") };
        reversal::take_back(conn, by, house, case, last, &taken_back).await?;
    }
    let remains = Money::zero(left.currency).checked_sub(left)?;
    if remains.is_positive() { enter(conn, by, house, &checkout, remains, seen).await } else { Ok(()) }
}
