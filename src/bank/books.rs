//! Postings of bank statements. Money arrives in suspense, and each entry leaves it once, whatever becomes of it.

use super::{BankEntry, BankError};
use crate::{
    db::{By, Conn},
    ledger::{self, AccountKind, Posting},
    types::{BankStatementId, Money, OrgId},
};

/// The entries of a file that brought money: into the owner's account, and as yet nobody's.
///
/// # Errors
/// The database fails.
pub(super) async fn arrived(
    conn: &mut Conn<'_>,
    by: &By,
    owner: OrgId,
    statement: BankStatementId,
    incoming: &[Money],
) -> Result<(), BankError> {
    if incoming.is_empty() {
        return Ok(());
    }
    let into = |draft: ledger::posting::Draft, amount: &Money| {
        draft.debit(owner, AccountKind::Cash, *amount).credit(owner, AccountKind::Suspense, *amount)
    };
    let posting = incoming.iter().fold(Posting::about("bank.arrived", statement), into).balanced()?;
    ledger::post(conn, by, &posting).await?;
    Ok(())
}

/// An entry leaves suspense: it is a payment (which posts itself), it was taken back, or it is none of ours.
///
/// # Errors
/// The database fails.
pub(super) async fn cleared(conn: &mut Conn<'_>, by: &By, entry: &BankEntry) -> Result<(), BankError> {
    let posting = Posting::about("bank.cleared", entry.id)
        .debit(entry.owner, AccountKind::Suspense, entry.amount)
        .credit(entry.owner, AccountKind::Cash, entry.amount)
        .balanced()?;
    ledger::post(conn, by, &posting).await?;
    Ok(())
}
