//! Entente: a marketplace for unpaid invoices that keeps the customer.
//!
//! Folders are the words of the trade. Each slice opens with what it is and what may never happen in it.
//! Imports run one way (`tests/it/architecture.rs` holds the table).

pub mod receivables;
pub mod types;
