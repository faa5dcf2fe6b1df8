//! Bank statements: read, each movement kept once, matched with what is owed, posted or laid before a person.
//!
//! What may never happen here: a file taken in part; a movement counted twice, whoever tells of it again; money that came in
//! and stands nowhere. Whatever arrives goes to suspense first, in the transaction that takes its file, and leaves it once.
//!
//! Lock order: the entry, then the case, then accounts of the ledger.
//!
//! Why matching runs in `Scope::System`: settling a payment reaches accounts and fees of all parties. Every command takes the
//! owner of the statement and looks at that organisation's entries and cases alone.

pub mod api;
mod books;
mod clues;
mod entry;
mod error;
mod importing;
pub mod jobs;
pub mod matching;
mod paying;
pub mod readers;
pub mod reconciliation;
mod reconciling;
mod refusal;
mod reversing;
mod settling;
pub mod statement;
mod status_report;
mod store;

pub use entry::{BankEntry, EntryStatus, Imported};
pub use error::BankError;
pub use importing::import;
pub use reconciling::reconcile;
pub use settling::{dismiss, post_certain, settle};
pub use status_report::report;

use crate::{
    db::{By, Conn},
    http::Cursor,
    types::{BankEntryId, BankStatementId, OrgId},
};

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub status: Option<EntryStatus>,
    pub statement: Option<BankStatementId>,
}

/// Files that `owner` has brought, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_statements(conn: &mut Conn<'_>, owner: OrgId, cursor: Cursor) -> Result<Vec<Imported>, BankError> {
    Ok(store::list_statements(conn, owner, cursor).await?)
}

/// Entries of `owner`, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_entries(
    conn: &mut Conn<'_>,
    owner: OrgId,
    wanted: Wanted,
    cursor: Cursor,
) -> Result<Vec<BankEntry>, BankError> {
    Ok(store::list_entries(conn, owner, wanted, cursor).await?)
}

/// # Errors
/// Not visible.
pub async fn find_entry(conn: &mut Conn<'_>, _by: &By, id: BankEntryId) -> Result<BankEntry, BankError> {
    store::find_entry(conn, id).await?.ok_or(BankError::NotFound)
}
