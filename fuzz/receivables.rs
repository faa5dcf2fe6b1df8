//! The part of `receivables` that reads files.

#[path = "../src/receivables/debtor_kind.rs"]
mod debtor_kind;
#[path = "../src/receivables/intake/mod.rs"]
pub mod intake;

pub use debtor_kind::DebtorKind;
