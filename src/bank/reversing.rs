//! A bank takes an entry back: a transfer recalled, a direct debit returned, a booking in error.

use super::{BankEntry, BankError, EntryStatus, books, reconciling::clues_of, store};
use crate::{
    db::{By, Conn},
    payments::{self, House, Reversal},
    types::BankEntryId,
};

/// A direct debit may come back for thirteen months (PSD2 art. 71); a transfer within days.
const DAYS_BACK: u64 = 400;

/// Finds what a locked outgoing entry takes back. What stood in suspense leaves it; a payment that came of it
/// is taken back when certain entries are posted.
///
/// # Errors
/// The database fails.
pub(super) async fn take_back(conn: &mut Conn<'_>, by: &By, entry: &BankEntry) -> Result<(), BankError> {
    let candidates = store::lock_reversible(conn, entry, DAYS_BACK).await?;
    let Some(original) = original_of(entry, &candidates) else {
        let note = "the bank takes back an entry that is not known here";
        return Ok(store::set_status(conn, entry.id, EntryStatus::Outgoing, Some(note), None, by.at).await?);
    };
    if original.is_in_suspense() {
        books::cleared(conn, by, original).await?;
        store::set_status(conn, original.id, EntryStatus::Reversed, None, None, by.at).await?;
        return Ok(store::set_status(conn, entry.id, EntryStatus::Reversed, None, Some(original.id), by.at).await?);
    }
    // A payment is taken back in a transaction of its own, with those that are posted.
    Ok(store::set_status(conn, entry.id, EntryStatus::Certain, None, Some(original.id), by.at).await?)
}

/// Takes back the payments that came of `original`, under the lock of the entry that takes it back.
///
/// # Errors
/// One of them is not confirmed, or the database fails.
pub(super) async fn take_payments_back(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    entry: &BankEntry,
    original: BankEntryId,
) -> Result<(), BankError> {
    let said = if entry.text.is_empty() { entry.reference() } else { entry.text.clone() };
    let reversal = Reversal { reversed_on: entry.booked_on, reason: format!("the bank took it back: {said}") };
    payments::reverse_proven(conn, by, house, (entry.owner, original), &reversal).await?;
    store::set_status(conn, original, EntryStatus::Reversed, None, None, by.at).await?;
    Ok(store::set_status(conn, entry.id, EntryStatus::Reversed, None, None, by.at).await?)
}

/// The one that shares a reference, a number or the account with it; the latest of several. Where none does, the only one.
fn original_of<'a>(entry: &BankEntry, candidates: &'a [BankEntry]) -> Option<&'a BankEntry> {
    let clues = clues_of(entry);
    let related = |other: &&BankEntry| {
        let theirs = clues_of(other);
        let same = |one: &Option<String>, two: &Option<String>| one.is_some() && one == two;
        !theirs.references.is_disjoint(&clues.references)
            || !theirs.numbers.is_disjoint(&clues.numbers)
            || same(&other.end_to_end_id, &entry.end_to_end_id)
            || same(&other.bank_reference, &entry.bank_reference)
            || same(&other.counterparty_account, &entry.counterparty_account)
    };
    let only = if let [one] = candidates { Some(one) } else { None };
    candidates.iter().find(related).or(only)
}
