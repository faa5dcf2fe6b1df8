//! Money out: who holds it, who gets it, by when, and that it went.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Fee, FeeKind, SettlementError,
    shares::{Part, Shares},
    store,
};
use crate::{
    db::{By, Conn, Scope},
    http::Cursor,
    ledger::{self, AccountKind, Posting},
    types::{CaseId, Country, Money, OrgId, PaymentId, PayoutBatchId, PayoutId, clock::day_in, text_enum},
};

const REASON_MAX_CHARS: usize = 2_000;

text_enum! {
    /// Whether the money went.
    pub enum PayoutStatus {
        Due => "due",
        Paid => "paid",
        /// The payment was taken back before it went.
        Cancelled => "cancelled",
        /// The bank sent it back: another one has taken its place.
        Returned => "returned",
    }
}

/// What the holder of a payment owes to one other party.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Payout {
    pub id: PayoutId,
    pub payment_id: PaymentId,
    pub case_id: CaseId,
    /// Who holds the money.
    pub payer_id: OrgId,
    pub payee_id: OrgId,
    pub amount: Money,
    pub due_on: NaiveDate,
    pub status: PayoutStatus,
    pub bank_reference: Option<String>,
    pub paid_on: Option<NaiveDate>,
    /// This much is set off against what the payee has to give back: the rest leaves.
    pub set_off: Money,
    /// The payment was taken back after this part of it had gone: its payee gives it back to the holder.
    pub is_return: bool,
    /// The batch that it is to leave in, or left in.
    pub batch_id: Option<PayoutBatchId>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl Payout {
    /// What leaves the payer's bank account.
    #[must_use]
    pub const fn leaves(&self) -> Money {
        Money::new(self.amount.minor.saturating_sub(self.set_off.minor), self.amount.currency)
    }
}

/// That a payout was made.
#[derive(Debug, Clone)]
pub struct Remittance {
    pub paid_on: NaiveDate,
    pub bank_reference: String,
}

/// A payout that went.
#[derive(Debug, Clone)]
pub struct PaidOut {
    pub payout: Payout,
    /// It was the last one of its payment.
    pub settled: bool,
}

/// The day by which a payment booked on `booked_on` is paid out: within `days`, and never later than a month after the money
/// came in (Code des procédures civiles d'exécution, art. R124-6), unless that has passed already.
#[must_use]
pub fn due_on(received_on: NaiveDate, booked_on: NaiveDate, days: u32) -> NaiveDate {
    let promised = booked_on.checked_add_days(Days::new(days.into())).unwrap_or(booked_on);
    let legal = received_on.checked_add_months(Months::new(1)).unwrap_or(promised);
    promised.min(legal).max(booked_on)
}

/// # Errors
/// Not visible.
pub async fn find_payout(conn: &mut Conn<'_>, _by: &By, id: PayoutId) -> Result<Payout, SettlementError> {
    store::find_payout(conn, id).await?.ok_or(SettlementError::NotFound)
}

/// Payouts that an organisation makes or gets, newest first; all of them for the operator.
///
/// # Errors
/// The database fails.
pub async fn list_payouts(
    conn: &mut Conn<'_>,
    by: &By,
    status: Option<PayoutStatus>,
    cursor: Cursor,
) -> Result<Vec<Payout>, SettlementError> {
    match by.scope {
        Scope::Creditor(org) | Scope::Agency(org) => Ok(store::list_payouts(conn, org, status, cursor).await?),
        Scope::Operator(_) => Ok(store::list_all_payouts(conn, status, cursor).await?),
        Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

/// What a payment gave rise to, as far as `by` may see.
///
/// # Errors
/// The database fails.
pub async fn list_payouts_of_payment(conn: &mut Conn<'_>, _by: &By, payment: PaymentId) -> Result<Vec<Payout>, SettlementError> {
    Ok(store::list_payouts_of_payment(conn, payment).await?)
}

/// Whoever holds the money says that it went; the ledger follows, and after the last payout the holder draws its own part.
/// The caller holds the case and has seen that the payer asks.
///
/// # Errors
/// Paid already; a day to come or before the money came; no bank reference.
pub async fn pay_out(conn: &mut Conn<'_>, by: &By, payout: &Payout, remittance: &Remittance) -> Result<PaidOut, SettlementError> {
    if !(1..=140).contains(&remittance.bank_reference.trim().chars().count()) {
        return Err(SettlementError::BankReference);
    }
    let holder = if payout.is_return { payout.payee_id } else { payout.payer_id };
    let (received_on, shares) = shares_of(conn, holder, payout.payment_id).await?;
    if remittance.paid_on > latest_day(by.at) || remittance.paid_on < received_on {
        return Err(SettlementError::PaidOn(received_on));
    }
    let paid = store::set_paid(conn, payout.id, remittance).await?.ok_or(SettlementError::AlreadyPaid)?;
    let posting = if paid.is_return {
        shares.returned(paid.id, paid.payer_id, paid.set_off, paid.amount)?
    } else {
        shares.paid_out(paid.id, paid.payee_id, paid.set_off)?
    };
    ledger::post(conn, by, &posting).await?;
    let settled = draw_when_last(conn, by, paid.payment_id, &shares).await?;
    Ok(PaidOut { payout: paid, settled })
}

/// That a bank sent a payout back.
#[derive(Debug, Clone)]
pub struct SentBack {
    pub returned_on: NaiveDate,
    pub reason: String,
}

/// The money of a payout is in the payer's account again: it is owed as before, by a payout that takes its place. The caller
/// holds the case and has seen that the payer says so.
///
/// # Errors
/// It has not gone, or no bank moved it; a day to come or before it went; no reason.
pub async fn come_back(conn: &mut Conn<'_>, by: &By, payout: &Payout, back: &SentBack) -> Result<Payout, SettlementError> {
    if !(1..=REASON_MAX_CHARS).contains(&back.reason.trim().chars().count()) {
        return Err(SettlementError::Reason);
    }
    let paid_on = payout.paid_on.filter(|_| payout.leaves().is_positive()).ok_or(SettlementError::NotPaid)?;
    if back.returned_on < paid_on || back.returned_on > latest_day(by.at) {
        return Err(SettlementError::ReturnedOn(paid_on));
    }
    let holder = if payout.is_return { payout.payee_id } else { payout.payer_id };
    let (_, shares) = shares_of(conn, holder, payout.payment_id).await?;
    if !store::set_returned(conn, payout.id, back).await? {
        return Err(SettlementError::NotPaid);
    }
    let (draft, stretch) = (Posting::about("payout.came_back", payout.id), (payout.set_off.minor, payout.amount.minor));
    let posting =
        if payout.is_return { shares.out(draft, payout.payer_id, stretch) } else { shares.back(draft, payout.payee_id, stretch) };
    ledger::post(conn, by, &posting.balanced()?).await?;
    let again = Payout {
        id: PayoutId::fresh(),
        due_on: payout.due_on.max(back.returned_on),
        status: PayoutStatus::Due,
        bank_reference: None,
        paid_on: None,
        batch_id: None,
        version: 1,
        created_at: by.at,
        ..payout.clone()
    };
    store::insert_again(conn, payout.id, &again).await?;
    Ok(again)
}

/// After the last payout of a payment its holder draws its own part. What was taken back is not drawn: nothing is left of it.
pub(super) async fn draw_when_last(
    conn: &mut Conn<'_>,
    by: &By,
    payment: PaymentId,
    shares: &Shares,
) -> Result<bool, SettlementError> {
    let all = store::list_payouts_of_payment(conn, payment).await?;
    let mut standing = all.iter().filter(|one| one.status != PayoutStatus::Returned);
    let settled = standing.all(|one| one.status == PayoutStatus::Paid && !one.is_return);
    let drawn = if settled { shares.drawn(payment)? } else { None };
    if let Some(drawn) = drawn {
        ledger::post(conn, by, &drawn).await?;
    }
    Ok(settled)
}

/// The parts of a payment as it and its fees record them, and the day it came in.
pub(super) async fn shares_of(
    conn: &mut Conn<'_>,
    holder: OrgId,
    payment: PaymentId,
) -> Result<(NaiveDate, Shares), SettlementError> {
    let came = store::find_arrival(conn, payment).await?.ok_or(SettlementError::NotFound)?;
    let charges = store::list_fees_of_payment(conn, payment).await?;
    let shares = if charges.is_empty() { Shares::of_creditor(came.creditor, came.amount) } else { split_of(holder, &charges)? };
    Ok((came.received_on, if came.at_stripe { shares.at_stripe(holder) } else { shares }))
}

/// Money as it came in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub creditor: OrgId,
    pub amount: Money,
    pub received_on: NaiveDate,
    pub at_stripe: bool,
}

fn split_of(holder: OrgId, charges: &[Fee]) -> Result<Shares, SettlementError> {
    let charge = |kind| charges.iter().find(|fee| fee.kind == kind).ok_or(SettlementError::NotFound);
    let (fee, commission) = (charge(FeeKind::SuccessFee)?, charge(FeeKind::Commission)?);
    let fee_gross = fee.net.checked_add(fee.vat)?;
    let commission_gross = commission.net.checked_add(commission.vat)?;
    let part = |owner, account, amount| Part { owner, account, amount };
    let parts = vec![
        part(fee.customer_id, AccountKind::Payable, fee.base.checked_sub(fee_gross)?),
        part(fee.supplier_id, AccountKind::Earned, fee_gross.checked_sub(commission_gross)?),
        part(commission.supplier_id, AccountKind::Commission, commission.net),
        part(commission.supplier_id, AccountKind::Vat, commission.vat),
    ];
    Ok(Shares { holder, account: AccountKind::Cash, amount: fee.base, parts })
}

/// Today where the day begins first.
fn latest_day(at: DateTime<Utc>) -> NaiveDate {
    Country::ALL.iter().map(|country| day_in(country.time_zone(), at)).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_is_due_soon_and_within_a_month_of_the_money() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        for (received, booked, expected) in [
            ("2026-11-02", "2026-11-02", "2026-11-05"),
            ("2026-11-02", "2026-11-09", "2026-11-12"),
            ("2026-10-08", "2026-11-06", "2026-11-08"),
            ("2026-08-01", "2026-11-06", "2026-11-06"),
        ] {
            assert_eq!(due_on(day(received), day(booked), 3), day(expected), "{received} {booked}");
        }
    }
}
