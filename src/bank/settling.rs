//! An entry becomes payments: by itself where its match is certain, by a person's word else.

use super::{BankEntry, BankError, EntryStatus, books, matching::CasePart, reversing, store};
use crate::{
    app::App,
    db::{By, Conn, DbError, Scope},
    payments::{self, Found, House},
    types::{BankEntryId, BankStatementId, Money, OrgId},
};

const REASON_MAX_CHARS: usize = 2_000;

/// Posts the certain entries of a file, each in a transaction of its own. One that its case refuses (more than is owed, closed
/// meanwhile) waits for a person, with the refusal as its note.
///
/// # Errors
/// The database fails. What was posted stays posted.
pub async fn post_certain(app: &App, house: &House, statement: BankStatementId) -> Result<(), BankError> {
    loop {
        let by = By::engine(app.clock.now());
        let posted = app.db.transaction(Scope::System, async |conn| {
            let Some(entry) = store::lock_next_certain(conn, statement).await? else { return Ok(None) };
            let done = match entry.reverses_id {
                Some(original) => reversing::take_payments_back(conn, &by, house, &entry, original).await,
                None => {
                    let parts = entry.proposals.first().map(|best| best.parts.clone()).unwrap_or_default();
                    pay(conn, &by, house, &entry, &parts).await
                }
            };
            done.map(|()| Some(entry.id)).map_err(|error| Stopped(Some((entry.id, waiting(&entry))), error))
        });
        match posted.await {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(Stopped(Some((entry, status)), refusal)) if !refusal.is_of_the_database() => {
                let note = refusal.to_string();
                let laid = app.db.transaction(Scope::System, async |conn| {
                    store::set_status(conn, entry, status, Some(&note), None, by.at).await
                });
                laid.await?;
            }
            Err(Stopped(_, error)) => return Err(error),
        }
    }
}

/// Which entry was being posted when it failed, and what it is then.
struct Stopped(Option<(BankEntryId, EntryStatus)>, BankError);

impl From<DbError> for Stopped {
    fn from(error: DbError) -> Self {
        Self(None, error.into())
    }
}

/// What an entry that could not be posted is: money in suspense that waits for a person, or money that left.
fn waiting(entry: &BankEntry) -> EntryStatus {
    if entry.amount.is_positive() { EntryStatus::Likely } else { EntryStatus::Outgoing }
}

/// A person of `owner` says what an entry pays. Under `Scope::System`.
///
/// # Errors
/// Not the owner's; decided; parts that do not sum to the entry; whatever the cases refuse.
pub async fn settle(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    owner: OrgId,
    id: BankEntryId,
    parts: &[CasePart],
) -> Result<BankEntry, BankError> {
    let entry = store::lock_entry(conn, owner, id).await?.ok_or(BankError::NotFound)?;
    entry.must_wait()?;
    let mut cases: Vec<_> = parts.iter().map(|part| part.case_id).collect();
    cases.sort_unstable();
    cases.dedup();
    if cases.len() != parts.len() || parts.iter().any(|part| !part.amount.is_positive()) {
        return Err(BankError::CaseTwice);
    }
    pay(conn, by, house, &entry, parts).await?;
    store::find_entry(conn, id).await?.ok_or(BankError::NotFound)
}

/// A person of `owner` says that an entry is none of what is recovered here. Under `Scope::System`.
///
/// # Errors
/// Not the owner's; decided; no reason.
pub async fn dismiss(conn: &mut Conn<'_>, by: &By, owner: OrgId, id: BankEntryId, reason: &str) -> Result<BankEntry, BankError> {
    if !(1..=REASON_MAX_CHARS).contains(&reason.trim().chars().count()) {
        return Err(BankError::Reason);
    }
    let entry = store::lock_entry(conn, owner, id).await?.ok_or(BankError::NotFound)?;
    entry.must_wait()?;
    store::set_status(conn, id, EntryStatus::Dismissed, Some(reason.trim()), None, by.at).await?;
    books::cleared(conn, by, &entry).await?;
    store::find_entry(conn, id).await?.ok_or(BankError::NotFound)
}

/// Turns a locked entry into payments of its parts, in the order of their cases, and takes it out of suspense.
async fn pay(conn: &mut Conn<'_>, by: &By, house: &House, entry: &BankEntry, parts: &[CasePart]) -> Result<(), BankError> {
    let sum = Money::sum(entry.amount.currency, parts.iter().map(|part| part.amount))?;
    if sum != entry.amount {
        return Err(BankError::Parts { parts: sum, entry: entry.amount });
    }
    let mut in_order = parts.to_vec();
    in_order.sort_unstable_by_key(|part| part.case_id);
    let reference = entry.reference();
    for part in &in_order {
        let found = Found {
            owner: entry.owner,
            entry: entry.id,
            amount: part.amount,
            received_on: entry.booked_on,
            bank_reference: &reference,
        };
        payments::found(conn, by, house, part.case_id, &found).await?;
    }
    if let Some(account) = &entry.counterparty_account {
        let cases = in_order.iter().map(|part| part.case_id).collect();
        store::clues::remember_payer(conn, entry.owner, account, cases, by.at).await?;
    }
    store::set_status(conn, entry.id, EntryStatus::Matched, None, None, by.at).await?;
    books::cleared(conn, by, entry).await
}
