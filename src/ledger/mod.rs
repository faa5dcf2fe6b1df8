//! The books: accounts, transactions that sum to zero per currency, entries that are never changed. Knows no case.
//!
//! What may never happen here: an unbalanced transaction, one business key posted twice, an entry changed or removed
//! (a mistake is reversed by another transaction), a balance that its entries do not add up to.
//!
//! Lock order: accounts last of all, by owner, kind and currency.

pub mod posting;
mod store;
pub mod verification;

use chrono::{DateTime, Utc};

pub use posting::{Account, AccountKind, Entry, Posting, PostingRefusal};
pub use verification::{Verified, VerifyError, verify};

use crate::{
    db::{By, Conn, DbError},
    types::{AccountId, Currency, LedgerTransactionId, Money, OrgId},
};

/// What became of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    Now,
    /// Its business key had been posted before; nothing moved.
    Already,
}

/// Writes a posting: transaction, entries, balances and missing accounts in one statement.
///
/// # Errors
/// The database fails.
pub async fn post(conn: &mut Conn<'_>, by: &By, posting: &Posting) -> Result<Posted, DbError> {
    let entries = store::insert_posting(conn, posting, by.at).await?;
    Ok(if entries == 0 { Posted::Already } else { Posted::Now })
}

/// Whether a posting with this business key was posted.
///
/// # Errors
/// The database fails.
pub async fn is_posted(conn: &mut Conn<'_>, posting: &Posting) -> Result<bool, DbError> {
    store::is_posted(conn, posting.business_key()).await
}

/// Debits minus credits of an account at the end of the instant `as_of`; nothing where there is no such account.
///
/// # Errors
/// The database fails.
pub async fn balance(conn: &mut Conn<'_>, account: &Account, as_of: DateTime<Utc>) -> Result<Money, DbError> {
    let minor = store::find_balance(conn, account, as_of).await?;
    Ok(Money::new(minor, account.currency))
}

/// What happened on an account between two instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movements {
    pub account: AccountId,
    pub kind: AccountKind,
    pub currency: Currency,
    pub opening: Money,
    /// Oldest first.
    pub lines: Vec<Line>,
    pub closing: Money,
}

/// An entry with its transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub transaction: LedgerTransactionId,
    pub kind: String,
    pub business_key: String,
    pub at: DateTime<Utc>,
    pub amount: Money,
}

/// All accounts of `owner`: balance at `from`, entries from then until before `until`, balance at `until`.
/// Read in one statement, so that opening, lines and closing always add up.
///
/// # Errors
/// The database fails.
pub async fn movements(
    conn: &mut Conn<'_>,
    owner: OrgId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Movements>, DbError> {
    store::list_movements(conn, owner, from, until).await
}
