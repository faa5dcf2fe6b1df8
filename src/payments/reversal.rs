//! A confirmed payment was taken back: what it paid is owed again, and whoever pursued the case goes on.

use chrono::NaiveDate;
use serde_json::json;

use super::{
    Allocation, House, Payment, PaymentStatus, PaymentsError, Route,
    allocation::Allocated,
    find,
    jobs::SetOff,
    list_allocations,
    settling::{book_parts, record_for},
    store,
    stripe::jobs::Transfer,
};
use crate::{
    cases::{self, Case, EventKind},
    db::{By, Conn},
    jobs, parties,
    settlement::{self, TakenBack, invoices::jobs::Issue},
    types::{BankEntryId, Country, Money, OrgId, PaymentId, clock::day_in},
};

const REASON_MAX_CHARS: usize = 2_000;

/// That a bank took money back.
#[derive(Debug, Clone)]
pub struct Reversal {
    pub reversed_on: NaiveDate,
    pub reason: String,
}

/// `holder`, in whose account the money was, says that it was taken back. Under `Scope::System`.
///
/// # Errors
/// Not visible; not the holder; not confirmed; a day to come or before the money came; no reason.
pub async fn reverse(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    holder: OrgId,
    id: PaymentId,
    reversal: &Reversal,
) -> Result<Payment, PaymentsError> {
    let seen = find(conn, by, id).await?;
    if seen.creditor != holder && seen.agency != Some(holder) {
        return Err(PaymentsError::NotFound);
    }
    match seen.holder() {
        None => return Err(PaymentsError::ProviderSays),
        Some(other) if other != holder => return Err(PaymentsError::NotHolder),
        Some(_) => {}
    }
    let case = cases::lock(conn, by, seen.case).await?;
    let payment = find(conn, by, id).await?;
    payment.must_be(PaymentStatus::Confirmed)?;
    check(by, &payment, reversal)?;
    take_back(conn, by, house, case, payment, reversal).await
}

/// The bank of `holder` took back the movement that proved payments: all of them are taken back. Under `Scope::System`.
///
/// # Errors
/// One of them is not confirmed.
pub async fn reverse_proven(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    (holder, entry): (OrgId, BankEntryId),
    reversal: &Reversal,
) -> Result<(), PaymentsError> {
    for payment in store::list_proven(conn, entry).await? {
        reverse(conn, by, house, holder, payment.id, reversal).await?;
    }
    Ok(())
}

fn check(by: &By, payment: &Payment, reversal: &Reversal) -> Result<(), PaymentsError> {
    if !(1..=REASON_MAX_CHARS).contains(&reversal.reason.trim().chars().count()) {
        return Err(PaymentsError::Reason("/reason"));
    }
    let last = Country::ALL.iter().map(|country| day_in(country.time_zone(), by.at)).max().unwrap_or_default();
    if reversal.reversed_on < payment.received_on || reversal.reversed_on > last {
        return Err(PaymentsError::ReversedOn { first: payment.received_on, last });
    }
    Ok(())
}

/// Takes a confirmed payment back on a locked case.
///
/// # Errors
/// The database fails.
pub(super) async fn take_back(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    mut case: Case,
    mut payment: Payment,
    reversal: &Reversal,
) -> Result<Payment, PaymentsError> {
    let spent = list_allocations(conn, by, &payment).await?;
    let taken: Vec<Allocated> = spent.iter().map(negated).collect();
    let note = reversal.reason.trim();
    store::set_reversed(conn, &payment, reversal.reversed_on, note).await?;
    book_parts(conn, by, &taken).await?;
    let holder = match payment.holder() {
        Some(holder) => holder,
        None => parties::operator(conn).await.map_err(|_| PaymentsError::NoOperator)?.id,
    };
    let taken = TakenBack { payment: payment.id, holder, on: reversal.reversed_on, payout_days: house.payout_days };
    let returns = settlement::reverse(conn, by, &taken).await?;
    jobs::enqueue(conn, Issue::KIND, &Issue { payment_id: payment.id }, by.at).await?;
    for back in &returns {
        if payment.route == Route::Stripe {
            jobs::enqueue(conn, Transfer::KIND, &Transfer { payout_id: back.id }, by.at).await?;
            continue;
        }
        let due = SetOff { payer_id: back.payee_id, payee_id: back.payer_id, currency: back.amount.currency };
        jobs::enqueue(conn, SetOff::KIND, &due, by.at).await?;
    }
    let data = json!({
        "payment_id": payment.id, "amount_minor": payment.amount.minor, "currency": payment.amount.currency, "reason": note,
        "reversed_on": reversal.reversed_on, "returns": returns.iter().map(|payout| payout.id).collect::<Vec<_>>(),
    });
    record_for(&mut case, by, payment.agency, EventKind::PaymentReversed, data);
    cases::fall_back(conn, by, &mut case, payment.amount).await?;
    cases::save(conn, by, &mut case).await?;
    payment.status = PaymentStatus::Reversed;
    payment.version += 1;
    payment.reversed_on = Some(reversal.reversed_on);
    payment.reversal_note = Some(note.to_owned());
    Ok(payment)
}

fn negated(line: &Allocation) -> Allocated {
    let amount = Money::new(line.amount.minor.saturating_neg(), line.amount.currency);
    Allocated { receivable_id: line.receivable_id, part: line.part, amount }
}
