//! Money that left an account because a payout was ordered: the bank gives back the end-to-end id that our file carried.

use super::{BankEntry, BankError, EntryStatus, store};
use crate::{
    db::{By, Conn},
    payments,
    settlement::{self, Remittance, batches::payout_of},
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
