//! The books: accounts, transactions that sum to zero per currency, entries that are never changed. Knows no case.
//!
//! What may never happen here: an unbalanced transaction, one business key posted twice, an entry changed or removed
//! (a mistake is reversed by another transaction), a balance that its entries do not add up to.

pub mod posting;

pub use posting::{Account, AccountKind, Entry, Posting, PostingRefusal};
