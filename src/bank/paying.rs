//! Money that left an account because a payout was ordered, or came back from one: the bank gives back the end-to-end id that
//! our file carried.

use super::{BankEntry, BankError, EntryStatus, books, store};
use crate::{
    db::{By, Conn},
    payments,
    settlement::{self, Remittance, SentBack, batches::payout_of},
    types::{OrgId, PayoutId},
};

/// The payout that a locked outgoing entry is. None where it is something else.
pub(super) fn payout_in(entry: &BankEntry) -> Option<PayoutId> {
    if entry.is_reversal { None } else { entry.end_to_end_id.as_deref().and_then(payout_of) }
}

/// Marks the payout as paid. Where that cannot be, the entry says why and stays what it is: money that left.
///
/// # Errors
/// The database fails.
pub(super) async fn paid_out(conn: &mut Conn<'_>, by: &By, entry: &BankEntry, payout: PayoutId) -> Result<(), BankError> {
    match remit(conn, by, entry.owner, payout, entry).await {
        Ok(()) => Ok(store::set_status(conn, entry.id, EntryStatus::Matched, None, None, by.at).await?),
        Err(refusal @ (BankError::Payments(_) | BankError::OtherAmount(_))) if !refusal.is_of_the_database() => {
            let note = refusal.to_string();
            Ok(store::set_status(conn, entry.id, EntryStatus::Outgoing, Some(&note), None, by.at).await?)
        }
        Err(error) => Err(error),
    }
}

async fn remit(conn: &mut Conn<'_>, by: &By, payer: OrgId, id: PayoutId, entry: &BankEntry) -> Result<(), BankError> {
    let payout = settlement::payouts::find_payout(conn, by, id).await.map_err(payments::PaymentsError::from)?;
    let ordered = payout.leaves();
    if ordered.currency != entry.amount.currency || ordered.minor != entry.amount.minor.saturating_neg() {
        return Err(BankError::OtherAmount(ordered));
    }
    let remittance = Remittance { paid_on: entry.booked_on, bank_reference: entry.reference() };
    payments::remit(conn, by, payer, id, &remittance).await?;
    Ok(())
}

/// The payout of ours that a locked incoming entry sends back. None where it is something else.
pub(super) fn payout_back_in(entry: &BankEntry) -> Option<PayoutId> {
    entry.end_to_end_id.as_deref().and_then(payout_of)
}

/// The payout is owed again, and the entry leaves suspense. Where that cannot be, it waits for a person and says why.
///
/// # Errors
/// The database fails.
pub(super) async fn came_back(conn: &mut Conn<'_>, by: &By, entry: &BankEntry, payout: PayoutId) -> Result<(), BankError> {
    match take_back(conn, by, entry, payout).await {
        Ok(()) => {
            books::cleared(conn, by, entry).await?;
            Ok(store::set_status(conn, entry.id, EntryStatus::Matched, None, None, by.at).await?)
        }
        Err(refusal @ (BankError::Payments(_) | BankError::OtherAmount(_))) if !refusal.is_of_the_database() => {
            let note = refusal.to_string();
            Ok(store::set_status(conn, entry.id, EntryStatus::Suspense, Some(&note), None, by.at).await?)
        }
        Err(error) => Err(error),
    }
}

async fn take_back(conn: &mut Conn<'_>, by: &By, entry: &BankEntry, id: PayoutId) -> Result<(), BankError> {
    let payout = settlement::payouts::find_payout(conn, by, id).await.map_err(payments::PaymentsError::from)?;
    if payout.leaves() != entry.amount {
        return Err(BankError::OtherAmount(payout.leaves()));
    }
    let said = if entry.text.is_empty() { entry.reference() } else { entry.text.clone() };
    let back = SentBack { returned_on: entry.booked_on, reason: said.chars().take(400).collect() };
    payments::send_back(conn, by, entry.owner, id, &back).await?;
    Ok(())
}
